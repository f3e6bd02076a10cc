#include "nautile/scale.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {

void scale_forward(const ScaleForward& a, std::byte*, const Team& team) {
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    map(a.x + begin, a.y + begin, count, [&](Vec x) { return a.alpha * x + a.beta; });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
