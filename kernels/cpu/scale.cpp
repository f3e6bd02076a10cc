#include "nautile/scale.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {

void scale_forward(const ScaleForward& a, std::byte*, const Team& team) {
  for_elements(team, a.size, a.y, false, a.x == a.y, [a](auto here) { return a.alpha * here(a.x) + a.beta; });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
