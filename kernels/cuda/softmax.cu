#include "nautile/softmax.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// A warp for each short row, a block for each long one; three passes over the row (maximum, sum, result), of which the
// later ones find a row of less than about 100 KiB in the cache. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

template <int kGroup>
__global__ void __launch_bounds__(kThreads) softmax_forward_by_row(SoftmaxForward a) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.cols;
    float* y = a.y + r * a.cols;
    float m = -INFINITY;
    for (std::int64_t c = member; c < a.cols; c += kGroup) m = Larger{}(m, x[c]);
    m = join_group<kGroup>(m, Larger{}, maxima);
    double sum = 0.0;
    for (std::int64_t c = member; c < a.cols; c += kGroup) sum += static_cast<double>(expf(x[c] - m));
    const float scale = 1.0F / static_cast<float>(join_group<kGroup>(sum, Add{}, sums));
    for (std::int64_t c = member; c < a.cols; c += kGroup) y[c] = expf(x[c] - m) * scale;
  });
}

template <int kGroup>
__global__ void __launch_bounds__(kThreads) softmax_backward_by_row(SoftmaxBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* y = a.y + r * a.cols;
    const float* dy = a.dy + r * a.cols;
    float* dx = a.dx + r * a.cols;
    double sum = 0.0;
    for (std::int64_t c = member; c < a.cols; c += kGroup) sum += static_cast<double>(y[c] * dy[c]);
    const auto dot = static_cast<float>(join_group<kGroup>(sum, Add{}, sums));
    for (std::int64_t c = member; c < a.cols; c += kGroup) {
      const float g = y[c] * (dy[c] - dot);
      dx[c] = a.accumulate ? dx[c] + g : g;
    }
  });
}

}  // namespace

void softmax_forward(const SoftmaxForward& a, std::byte*, const Team& team) {
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((softmax_forward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team), a);
  } else {
    NTL_LAUNCH((softmax_forward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0, stream_of(team),
               a);
  }
}

void softmax_backward(const SoftmaxBackward& a, std::byte*, const Team& team) {
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((softmax_backward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team), a);
  } else {
    NTL_LAUNCH((softmax_backward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0, stream_of(team),
               a);
  }
}

}  // namespace nautile::NTL_TARGET
