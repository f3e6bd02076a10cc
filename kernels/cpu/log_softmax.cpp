#include "nautile/log_softmax.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {

void log_softmax_forward(const LogSoftmaxForward& a, std::byte*, const Team& team) {
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const float* x = a.x + r * a.cols;
    const float m = row_max(x, a.cols);
    const float log_sum = std::log(row_exp_sum(x, nullptr, a.cols, m));
    map(x, a.y + r * a.cols, a.cols, [&](Vec v) { return (v - m) - log_sum; });
  });
}

void log_softmax_backward(const LogSoftmaxBackward& a, std::byte*, const Team& team) {
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const std::int64_t row = r * a.cols;
    const float* y = a.y + row;
    const float* dy = a.dy + row;
    float* dx = a.dx + row;
    const float total = row_sum(
        a.cols, [&](std::int64_t i) { return load(dy + i); },
        [&](std::int64_t i, std::int64_t n) { return load(dy + i, n); });
    for_vectors(a.cols, [&](std::int64_t i, std::int64_t n) {
      if (n == kLanes) {
        const Vec g = load(dy + i) - exp(load(y + i)) * total;
        store(dx + i, a.accumulate ? load(dx + i) + g : g);
      } else {
        const Vec g = load(dy + i, n) - exp(load(y + i, n)) * total;
        store(dx + i, a.accumulate ? load(dx + i, n) + g : g, n);
      }
    });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
