#include "nautile/softmax.hpp"

#include <cmath>

#include "nautile/cuda_rows.hpp"

// A warp for each short row, a block for each long one. A row of at most 4096 elements is read once; a longer one, or one
// that is not aligned, at each of three passes (maximum, sum, result). Sums in double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Kind>
__global__ void __launch_bounds__(kThreads) softmax_forward_by_row(SoftmaxForward a) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    Rows<Kind> row({a.x + r * a.cols}, a.cols, member);
    float* y = a.y + r * a.cols;
    const float m = row.largest(maxima);
    const double sum = row.sum(sums, [&](std::int64_t, Run(&x)[1], int k) { return x[0].v[k] = expf(x[0].v[k] - m); });
    const float scale = 1.0F / static_cast<float>(sum);
    row.each([&](std::int64_t c, Run(&x)[1]) {
      Run result;
      for (int k = 0; k < kFour; ++k) result.v[k] = (row.kKept ? x[0].v[k] : expf(x[0].v[k] - m)) * scale;
      row.store(y, c, result);
    });
  });
}

template <typename Kind>
__global__ void __launch_bounds__(kThreads) softmax_backward_by_row(SoftmaxBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    Rows<Kind, 2> row({a.y + r * a.cols, a.dy + r * a.cols}, a.cols, member);
    float* dx = a.dx + r * a.cols;
    const auto dot =
        static_cast<float>(row.sum(sums, [](std::int64_t, Run(&v)[2], int k) { return v[0].v[k] * v[1].v[k]; }));
    row.each([&](std::int64_t c, Run(&v)[2]) {
      Run g;
      for (int k = 0; k < kFour; ++k) g.v[k] = v[1].v[k] - dot;
      const Run before = a.accumulate ? row.load(dx, c) : Run{};
      for (int k = 0; k < kFour; ++k) g.v[k] = fmaf(v[0].v[k], g.v[k], before.v[k]);
      row.store(dx, c, g);
    });
  });
}

}  // namespace

void softmax_forward(const SoftmaxForward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(softmax_forward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.x, a.y), team, a);
}

void softmax_backward(const SoftmaxBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(softmax_backward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.y, a.dy, a.dx), team, a);
}

}  // namespace nautile::NTL_TARGET
