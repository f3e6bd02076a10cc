#include "nautile/softmax.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_norm.hpp"
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
  const bool streamed =
      !a.accumulate && a.dx != a.dy && a.dx != a.y && a.cols % kLanes == 0 && streams(a.dx, a.rows * a.cols);
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const std::int64_t row = r * a.cols;
    const float* y = a.y + row;
    const float* dy = a.dy + row;
    float* dx = a.dx + row;
    double total[1];
    row_sums(a.cols, total,
             [=](std::int64_t i, auto lanes, Vec* sums) { sums[0] += lanes.of(y + i) * lanes.of(dy + i); });
    const auto dot = static_cast<float>(total[0]);
    const std::int64_t cols = a.cols;
    const bool accumulate = a.accumulate;
    for_lanes(cols, [=](std::int64_t i, auto lanes) {
      __builtin_prefetch(y + cols + i);  // the next row
      __builtin_prefetch(dy + cols + i);
      const Vec g = lanes.of(y + i) * (lanes.of(dy + i) - dot);
      if (streamed) return stream(dx + i, g);
      lanes.put(dx + i, accumulate ? lanes.of(dx + i) + g : g);
    });
  });
  if (streamed) drain();
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
