#include "nautile/argmax.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

std::int64_t argmax(const float* x, std::int64_t n, std::int64_t step) {
  std::int64_t best = 0;
  for (std::int64_t j = 0; j < n; ++j) {
    const float v = x[j * step];
    if (v != v) return j;  // the first NaN
    if (v > x[best * step]) best = j;
  }
  return best;
}

}  // namespace

void argmax_forward(const ArgmaxForward& a, std::byte*, const Team& team) {
  const std::int64_t results = a.outer * a.inner;
  const std::int64_t parts = tasks(a);
  for_tasks(team, parts, [&](std::int64_t task) {
    const std::int64_t end = results * (task + 1) / parts;
    for (std::int64_t r = results * task / parts; r < end; ++r) {
      a.y[r] = argmax(a.x + r / a.inner * a.n * a.inner + r % a.inner, a.n, a.inner);
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
