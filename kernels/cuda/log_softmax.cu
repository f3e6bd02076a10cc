#include "nautile/log_softmax.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// A warp for each short row, a block for each long one; passes over the row as in softmax.cu. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

template <int kGroup>
__global__ void __launch_bounds__(kThreads) log_softmax_forward_by_row(LogSoftmaxForward a) {
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
    const float log_sum = logf(static_cast<float>(join_group<kGroup>(sum, Add{}, sums)));
    for (std::int64_t c = member; c < a.cols; c += kGroup) y[c] = (x[c] - m) - log_sum;
  });
}

template <int kGroup>
__global__ void __launch_bounds__(kThreads) log_softmax_backward_by_row(LogSoftmaxBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* y = a.y + r * a.cols;
    const float* dy = a.dy + r * a.cols;
    float* dx = a.dx + r * a.cols;
    double sum = 0.0;
    for (std::int64_t c = member; c < a.cols; c += kGroup) sum += static_cast<double>(dy[c]);
    const auto total = static_cast<float>(join_group<kGroup>(sum, Add{}, sums));
    for (std::int64_t c = member; c < a.cols; c += kGroup) {
      const float g = dy[c] - expf(y[c]) * total;
      dx[c] = a.accumulate ? dx[c] + g : g;
    }
  });
}

}  // namespace

void log_softmax_forward(const LogSoftmaxForward& a, std::byte*, const Team& team) {
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((log_softmax_forward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((log_softmax_forward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

void log_softmax_backward(const LogSoftmaxBackward& a, std::byte*, const Team& team) {
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((log_softmax_backward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((log_softmax_backward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
