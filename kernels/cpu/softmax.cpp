#include "nautile/softmax.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {

void softmax_forward(const SoftmaxForward& a, std::byte*, const Team& team) {
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const float* x = a.x + r * a.cols;
    float* y = a.y + r * a.cols;
    const float m = row_max(x, a.cols);
    const float scale = 1.0F / row_exp_sum(x, y, a.cols, m);
    map(y, y, a.cols, [&](Vec v) { return v * scale; });
  });
}

void softmax_backward(const SoftmaxBackward& a, std::byte*, const Team& team) {
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const std::int64_t row = r * a.cols;
    const float* y = a.y + row;
    const float* dy = a.dy + row;
    float* dx = a.dx + row;
    const float dot = row_sum(
        a.cols, [&](std::int64_t i) { return load(y + i) * load(dy + i); },
        [&](std::int64_t i, std::int64_t n) { return load(y + i, n) * load(dy + i, n); });
    for_vectors(a.cols, [&](std::int64_t i, std::int64_t n) {
      if (n == kLanes) {
        const Vec g = load(y + i) * (load(dy + i) - dot);
        store(dx + i, a.accumulate ? load(dx + i) + g : g);
      } else {
        const Vec g = load(y + i, n) * (load(dy + i, n) - dot);
        store(dx + i, a.accumulate ? load(dx + i, n) + g : g, n);
      }
    });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
