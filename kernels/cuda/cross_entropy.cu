#include "nautile/cross_entropy.hpp"

#include <cmath>

#include "nautile/cuda_rows.hpp"

// Forward: a warp for each short row, a block for each long one, which read it as in softmax.cu; then one block adds the rows'
// losses up. Backward: a warp or a block for each row. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

// What class c of row r weighs in its loss, but for the label: from the smoothing and the target's probabilities.
template <typename Args>
__device__ float share(const Args& a, std::int64_t r, std::int64_t c) {
  float q = a.label_smoothing / static_cast<float>(a.classes);
  if (a.probabilities != nullptr) q = fmaf(1.0F - a.label_smoothing, a.probabilities[r * a.classes + c], q);
  return a.weight != nullptr ? a.weight[c] * q : q;
}

template <typename Args>
__device__ bool is_class(const Args& a, std::int64_t label) {
  return label >= 0 && label < a.classes && label != a.ignore_index;
}

// A row's loss goes to `rows` in double, and to a.loss when that is not one for all.
template <typename Kind>
__global__ void __launch_bounds__(kThreads, 4)
    cross_entropy_forward_by_row(CrossEntropyForward a, WeighedLoss* rows, Fault* fault) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.classes;
    float at_label = 0.0F;
    if (a.labels != nullptr && is_class(a, a.labels[r])) at_label = x[a.labels[r]];  // on its way while the row is
    Rows<Kind> row({x}, a.classes, member);
    float m = 0.0F;
    double log_sum = 0.0;
    if (!a.log_probabilities) {
      m = row.largest(maxima);
      log_sum = log(row.sum(sums, [&](std::int64_t, Run(&v)[1], int k) { return expf(v[0].v[k] - m); }));
    }
    const double lse = static_cast<double>(m) + log_sum;
    WeighedLoss result{0.0, 1.0};
    if (a.labels == nullptr || a.label_smoothing > 0.0F) {
      result.loss = row.sum(sums, [&](std::int64_t c, Run(&v)[1], int k) {
        // a product that no kernel fuses with the sum
        return fma(static_cast<double>(share(a, r, c + k)), lse - static_cast<double>(v[0].v[k]), 0.0);
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
            (1.0 - static_cast<double>(a.label_smoothing)) * result.weight * (lse - static_cast<double>(at_label));
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
  WeighedLoss total{0.0, 0.0};
  NTL_UNROLL_BY(8)
  for (std::int64_t r = threadIdx.x; r < a.rows; r += kThreads) {
    total.loss += rows[r].loss;
    total.weight += rows[r].weight;
  }
  const double loss = join_group<kThreads>(total.loss, Add{}, sums);
  const double weight = join_group<kThreads>(total.weight, Add{}, sums);
  if (threadIdx.x != 0) return;
  const double divisor = a.reduction == LossReduction::mean ? weight : 1.0;
  *a.loss = static_cast<float>(loss / divisor);
  a.saved[2 * a.rows] = static_cast<float>(divisor);
}

template <typename Kind>
__global__ void __launch_bounds__(kThreads) cross_entropy_backward_by_row(CrossEntropyBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    Rows<Kind> row({a.x + r * a.classes}, a.classes, member);
    float* dx = a.dx + r * a.classes;
    const std::int64_t label = a.labels != nullptr ? a.labels[r] : -1;
    if (a.labels != nullptr && !is_class(a, label)) {  // the forward pass has reported those that are not ignored
      if (!a.accumulate) row.each([&](std::int64_t c, Run(&)[1]) { row.store(dx, c, Run{}); });
      return;
    }
    float hit = 0.0F;  // the label's weight
    if (a.labels != nullptr) hit = (1.0F - a.label_smoothing) * (a.weight != nullptr ? a.weight[label] : 1.0F);
    float total = hit;  // of the weights of all classes
    if (a.labels == nullptr || a.label_smoothing > 0.0F) {
      total += static_cast<float>(row.sum(sums, [&](std::int64_t c, Run(&)[1], int k) { return share(a, r, c + k); }));
    }
    const float g = a.reduction == LossReduction::none ? a.dloss[r] : *a.dloss / a.saved[2 * a.rows];
    const float m = a.saved[2 * r];
    const float log_sum = a.saved[2 * r + 1];
    row.each([&](std::int64_t c, Run(&x)[1]) {
      const std::int64_t place = label - c;  // of the label in this run
      Run d = a.accumulate ? row.load(dx, c) : Run{};
      row.within(c, [&](int k) {
        float slope = -share(a, r, c + k);
        if (!a.log_probabilities) slope = fmaf(total, expf(x[0].v[k] - m - log_sum), slope);
        d.v[k] = fmaf(g, slope - (k == place ? hit : 0.0F), d.v[k]);
      });
      row.store(dx, c, d);
    });
  });
}

}  // namespace

void cross_entropy_forward(const CrossEntropyForward& a, std::byte* workspace, const Team& team) {
  auto* rows = reinterpret_cast<WeighedLoss*>(workspace);
  team.fault->input = "cross_entropy: target";
  team.fault->bound = a.classes;
  NTL_LAUNCH_ROWS(cross_entropy_forward_by_row, a.rows, a.classes, aligned_rows(a.classes, a.x), team, a, rows,
                  team.fault);
  if (a.reduction == LossReduction::none) return;
  NTL_LAUNCH(cross_entropy_forward_join_rows, dim3(1), dim3(kThreads), 0, stream_of(team), a, rows);
}

void cross_entropy_backward(const CrossEntropyBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(cross_entropy_backward_by_row, a.rows, a.classes, aligned_rows(a.classes, a.x, a.dx), team, a);
}

}  // namespace nautile::NTL_TARGET
