#include "nautile/cross_entropy.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// Forward: a warp for each short row, a block for each long one; then one block adds the rows' losses up. Backward: a warp
// or a block for each row. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

// What class c of row r weighs in its loss, but for the label: from the smoothing and the target's probabilities.
template <typename Args>
__device__ float share(const Args& a, std::int64_t r, std::int64_t c) {
  float q = a.label_smoothing / static_cast<float>(a.classes);
  if (a.probabilities != nullptr) q += (1.0F - a.label_smoothing) * a.probabilities[r * a.classes + c];
  return a.weight != nullptr ? a.weight[c] * q : q;
}

// The sum of term(c) over a row's classes, for every thread of its group.
template <int kGroup, typename Term>
__device__ double sum_of(std::int64_t classes, int member, double* scratch, Term&& term) {
  double sum = 0.0;
  for (std::int64_t c = member; c < classes; c += kGroup) sum += static_cast<double>(term(c));
  return join_group<kGroup>(sum, Add{}, scratch);
}

template <typename Args>
__device__ bool is_class(const Args& a, std::int64_t label) {
  return label >= 0 && label < a.classes && label != a.ignore_index;
}

// A row's loss goes to `rows` in double, and to a.loss when that is not one for all.
template <int kGroup>
__global__ void __launch_bounds__(kThreads)
    cross_entropy_forward_by_row(CrossEntropyForward a, WeighedLoss* rows, Fault* fault) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.classes;
    float m = 0.0F;
    double log_sum = 0.0;
    if (!a.log_probabilities) {
      m = -INFINITY;
      for (std::int64_t c = member; c < a.classes; c += kGroup) m = Larger{}(m, x[c]);
      m = join_group<kGroup>(m, Larger{}, maxima);
      log_sum = log(sum_of<kGroup>(a.classes, member, sums, [&](std::int64_t c) { return expf(x[c] - m); }));
    }
    const double lse = static_cast<double>(m) + log_sum;
    WeighedLoss result{0.0, 1.0};
    if (a.labels == nullptr || a.label_smoothing > 0.0F) {
      result.loss = sum_of<kGroup>(a.classes, member, sums, [&](std::int64_t c) {
        return static_cast<double>(share(a, r, c)) * (lse - static_cast<double>(x[c]));
      });
    }
    if (member != 0) return;
    a.saved[2 * r] = m;
    a.saved[2 * r + 1] = static_cast<float>(log_sum);
    if (a.labels != nullptr) {
      const std::int64_t label = a.labels[r];
      if (is_class(a, label)) {
        result.weight = a.weight != nullptr ? static_cast<double>(a.weight[label]) : 1.0;
        result.loss +=
            (1.0 - static_cast<double>(a.label_smoothing)) * result.weight * (lse - static_cast<double>(x[label]));
      } else if (label == a.ignore_index) {
        result = {0.0, 0.0};
      } else {
        report(fault, r, label);
        result.loss = static_cast<double>(NAN);
      }
    }
    rows[r] = result;
    if (a.reduction == LossReduction::none) a.loss[r] = static_cast<float>(result.loss);
  });
}

__global__ void __launch_bounds__(kThreads)
    cross_entropy_forward_join_rows(CrossEntropyForward a, const WeighedLoss* rows) {
  NTL_SHARED(double, sums, [kWarps]);
  const int member = static_cast<int>(threadIdx.x);
  const double loss = sum_of<kThreads>(a.rows, member, sums, [&](std::int64_t r) { return rows[r].loss; });
  const double weight = sum_of<kThreads>(a.rows, member, sums, [&](std::int64_t r) { return rows[r].weight; });
  if (member != 0) return;
  const double divisor = a.reduction == LossReduction::mean ? weight : 1.0;
  *a.loss = static_cast<float>(loss / divisor);
  a.saved[2 * a.rows] = static_cast<float>(divisor);
}

template <int kGroup>
__global__ void __launch_bounds__(kThreads) cross_entropy_backward_by_row(CrossEntropyBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.classes;
    float* dx = a.dx + r * a.classes;
    const std::int64_t label = a.labels != nullptr ? a.labels[r] : -1;
    if (a.labels != nullptr && !is_class(a, label)) {  // the forward pass has reported those that are not ignored
      for (std::int64_t c = member; c < a.classes && !a.accumulate; c += kGroup) dx[c] = 0.0F;
      return;
    }
    float hit = 0.0F;  // the label's weight
    if (a.labels != nullptr) hit = (1.0F - a.label_smoothing) * (a.weight != nullptr ? a.weight[label] : 1.0F);
    float total = hit;  // of the weights of all classes
    if (a.labels == nullptr || a.label_smoothing > 0.0F) {
      total +=
          static_cast<float>(sum_of<kGroup>(a.classes, member, sums, [&](std::int64_t c) { return share(a, r, c); }));
    }
    const float g = a.reduction == LossReduction::none ? a.dloss[r] : *a.dloss / a.saved[2 * a.rows];
    const float m = a.saved[2 * r];
    const float log_sum = a.saved[2 * r + 1];
    for (std::int64_t c = member; c < a.classes; c += kGroup) {
      const float weight = a.log_probabilities ? 0.0F : total * expf(x[c] - m - log_sum);
      const float d = g * (weight - share(a, r, c) - (c == label ? hit : 0.0F));
      dx[c] = a.accumulate ? dx[c] + d : d;
    }
  });
}

}  // namespace

void cross_entropy_forward(const CrossEntropyForward& a, std::byte* workspace, const Team& team) {
  auto* rows = reinterpret_cast<WeighedLoss*>(workspace);
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  team.fault->input = "cross_entropy: target";
  team.fault->bound = a.classes;
  if (a.classes <= kWarpCols) {
    NTL_LAUNCH((cross_entropy_forward_by_row<kWarp>), blocks_for_rows(a.rows, true), threads, 0, stream, a, rows,
               team.fault);
  } else {
    NTL_LAUNCH((cross_entropy_forward_by_row<kThreads>), blocks_for_rows(a.rows, false), threads, 0, stream, a, rows,
               team.fault);
  }
  if (a.reduction == LossReduction::none) return;
  NTL_LAUNCH(cross_entropy_forward_join_rows, dim3(1), threads, 0, stream, a, rows);
}

void cross_entropy_backward(const CrossEntropyBackward& a, std::byte*, const Team& team) {
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  if (a.classes <= kWarpCols) {
    NTL_LAUNCH((cross_entropy_backward_by_row<kWarp>), blocks_for_rows(a.rows, true), threads, 0, stream, a);
  } else {
    NTL_LAUNCH((cross_entropy_backward_by_row<kThreads>), blocks_for_rows(a.rows, false), threads, 0, stream, a);
  }
}

}  // namespace nautile::NTL_TARGET
