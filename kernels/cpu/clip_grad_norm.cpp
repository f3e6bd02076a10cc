#include "nautile/clip_grad_norm.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_double.hpp"

namespace nautile::NTL_TARGET {

void clip_grad_norm_step(const ClipGradNormStep& a, std::byte* workspace, const Team& team) {
  auto* parts = reinterpret_cast<double*>(workspace);
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t n) {
    parts[begin / kChunk] = sum_double(a.gradient + begin, n, [=](auto v) { return v * v; });
  });
  team.barrier();
  double total = 0.0;  // every member adds them up: that is shorter than to wait for one
  for (std::int64_t i = 0; i < chunks(a.size); ++i) total += parts[i];
  const auto norm = static_cast<float>(std::sqrt(total));
  if (team.rank == 0) *a.norm = norm;
  const float factor = clip_factor(a, norm);
  if (factor >= 1.0F) return;
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t n) {
    map(a.gradient + begin, a.gradient + begin, n, [=](Vec g) { return factor * g; });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
