#include "nautile/cross_entropy.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// Forward: a warp for each short row, a block for each long one; then one block adds the rows' losses up. Backward: one
// block counts the rows of a mean, then a warp or a block for each row. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

// The loss of each row goes to `losses` in double, and to a.loss when that is not one for all.
template <int kGroup>
__global__ void __launch_bounds__(kThreads)
    cross_entropy_forward_by_row(CrossEntropyForward a, double* losses, Fault* fault) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.classes;
    float m = -INFINITY;
    for (std::int64_t c = member; c < a.classes; c += kGroup) m = Larger{}(m, x[c]);
    m = join_group<kGroup>(m, Larger{}, maxima);
    double sum = 0.0;
    for (std::int64_t c = member; c < a.classes; c += kGroup) sum += static_cast<double>(expf(x[c] - m));
    sum = join_group<kGroup>(sum, Add{}, sums);
    double scores = 0.0;
    if (a.label_smoothing > 0.0F) {
      for (std::int64_t c = member; c < a.classes; c += kGroup) scores += static_cast<double>(x[c]);
      scores = join_group<kGroup>(scores, Add{}, sums);
    }
    if (member != 0) return;
    const double log_sum = log(sum);
    a.lse[2 * r] = m;
    a.lse[2 * r + 1] = static_cast<float>(log_sum);
    const std::int64_t t = a.target[r];
    double loss = 0.0;
    if (t < 0 || t >= a.classes) {
      if (t != a.ignore_index) {
        report(fault, r, t);
        loss = static_cast<double>(NAN);
      }
    } else if (t != a.ignore_index) {
      const auto smoothing = static_cast<double>(a.label_smoothing);
      loss = static_cast<double>(m) + log_sum - (1.0 - smoothing) * static_cast<double>(x[t]);
      if (smoothing > 0.0) loss -= smoothing * scores / static_cast<double>(a.classes);
    }
    losses[r] = loss;
    if (a.reduction == LossReduction::none) a.loss[r] = static_cast<float>(loss);
  });
}

// Rows that count in the mean, for every thread of the block.
__device__ inline std::int64_t counted(const std::int64_t* target, std::int64_t rows, std::int64_t ignore_index,
                                       std::int64_t* scratch) {
  std::int64_t count = 0;
  for (std::int64_t r = threadIdx.x; r < rows; r += kThreads) count += target[r] != ignore_index ? 1 : 0;
  return join_group<kThreads>(count, Add{}, scratch);
}

__global__ void __launch_bounds__(kThreads)
    cross_entropy_forward_join_rows(CrossEntropyForward a, const double* losses) {
  NTL_SHARED(double, sums, [kWarps]);
  NTL_SHARED(std::int64_t, counts, [kWarps]);
  double total = 0.0;
  for (std::int64_t r = threadIdx.x; r < a.rows; r += kThreads) total += losses[r];
  total = join_group<kThreads>(total, Add{}, sums);
  const std::int64_t count = counted(a.target, a.rows, a.ignore_index, counts);
  if (threadIdx.x != 0) return;
  *a.loss = static_cast<float>(a.reduction == LossReduction::mean ? total / static_cast<double>(count) : total);
}

__global__ void __launch_bounds__(kThreads)
    cross_entropy_backward_count_rows(CrossEntropyBackward a, std::int64_t* count) {
  NTL_SHARED(std::int64_t, counts, [kWarps]);
  const std::int64_t n = counted(a.target, a.rows, a.ignore_index, counts);
  if (threadIdx.x == 0) *count = n;
}

template <int kGroup>
__global__ void __launch_bounds__(kThreads)
    cross_entropy_backward_by_row(CrossEntropyBackward a, const std::int64_t* count) {
  const float uniform = a.label_smoothing / static_cast<float>(a.classes);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.classes;
    float* dx = a.dx + r * a.classes;
    const std::int64_t t = a.target[r];
    if (t == a.ignore_index) {
      for (std::int64_t c = member; c < a.classes && !a.accumulate; c += kGroup) dx[c] = 0.0F;
      return;
    }
    float g = a.reduction == LossReduction::none ? a.dloss[r] : *a.dloss;
    if (a.reduction == LossReduction::mean) g /= static_cast<float>(*count);
    const float m = a.lse[2 * r];
    const float log_sum = a.lse[2 * r + 1];
    for (std::int64_t c = member; c < a.classes; c += kGroup) {
      const float wanted = uniform + (c == t ? 1.0F - a.label_smoothing : 0.0F);
      const float d = g * (expf(x[c] - m - log_sum) - wanted);
      dx[c] = a.accumulate ? dx[c] + d : d;
    }
  });
}

}  // namespace

void cross_entropy_forward(const CrossEntropyForward& a, std::byte* workspace, const Team& team) {
  auto* losses = reinterpret_cast<double*>(workspace);
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  team.fault->input = "cross_entropy: target";
  team.fault->bound = a.classes;
  if (a.classes <= kWarpCols) {
    NTL_LAUNCH((cross_entropy_forward_by_row<kWarp>), blocks_for_rows(a.rows, true), threads, 0, stream, a, losses,
               team.fault);
  } else {
    NTL_LAUNCH((cross_entropy_forward_by_row<kThreads>), blocks_for_rows(a.rows, false), threads, 0, stream, a, losses,
               team.fault);
  }
  if (a.reduction == LossReduction::none) return;
  NTL_LAUNCH(cross_entropy_forward_join_rows, dim3(1), threads, 0, stream, a, losses);
}

void cross_entropy_backward(const CrossEntropyBackward& a, std::byte* workspace, const Team& team) {
  auto* count = reinterpret_cast<std::int64_t*>(workspace);
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  if (a.reduction == LossReduction::mean) {
    NTL_LAUNCH(cross_entropy_backward_count_rows, dim3(1), threads, 0, stream, a, count);
  }
  if (a.classes <= kWarpCols) {
    NTL_LAUNCH((cross_entropy_backward_by_row<kWarp>), blocks_for_rows(a.rows, true), threads, 0, stream, a, count);
  } else {
    NTL_LAUNCH((cross_entropy_backward_by_row<kThreads>), blocks_for_rows(a.rows, false), threads, 0, stream, a, count);
  }
}

}  // namespace nautile::NTL_TARGET
