#include "nautile/log_softmax.hpp"

#include <cmath>

#include "nautile/cuda_rows.hpp"

// A warp for each short row, a block for each long one; passes over the row as in softmax.cu. Sums in double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Kind>
__global__ void __launch_bounds__(kThreads) log_softmax_forward_by_row(LogSoftmaxForward a) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    Rows<Kind> row({a.x + r * a.cols}, a.cols, member);
    float* y = a.y + r * a.cols;
    const float m = row.largest(maxima);
    const double sum = row.sum(sums, [&](std::int64_t, Run(&x)[1], int k) { return expf(x[0].v[k] - m); });
    const float log_sum = logf(static_cast<float>(sum));
    row.each([&](std::int64_t c, Run(&x)[1]) {
      Run result;
      for (int k = 0; k < kFour; ++k) result.v[k] = (x[0].v[k] - m) - log_sum;
      row.store(y, c, result);
    });
  });
}

template <typename Kind>
__global__ void __launch_bounds__(kThreads) log_softmax_backward_by_row(LogSoftmaxBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    Rows<Kind, 2> row({a.y + r * a.cols, a.dy + r * a.cols}, a.cols, member);
    float* dx = a.dx + r * a.cols;
    const auto total = static_cast<float>(row.sum(sums, [](std::int64_t, Run(&v)[2], int k) { return v[1].v[k]; }));
    row.each([&](std::int64_t c, Run(&v)[2]) {
      const Run before = a.accumulate ? row.load(dx, c) : Run{};
      Run g;
      for (int k = 0; k < kFour; ++k) g.v[k] = before.v[k] + fmaf(-expf(v[0].v[k]), total, v[1].v[k]);
      row.store(dx, c, g);
    });
  });
}

}  // namespace

void log_softmax_forward(const LogSoftmaxForward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(log_softmax_forward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.x, a.y), team, a);
}

void log_softmax_backward(const LogSoftmaxBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(log_softmax_backward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.y, a.dy, a.dx), team, a);
}

}  // namespace nautile::NTL_TARGET
