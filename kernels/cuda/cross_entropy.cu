#include "nautile/cross_entropy.hpp"

#include "nautile/cuda_cross_entropy.hpp"

// Forward: a warp for each short row, a block for each long one, which read it as in softmax.cu; then one block adds the rows'
// losses up. Backward: a warp or a block for each row. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

template <typename Kind>
__global__ void __launch_bounds__(kThreads, 4)
    cross_entropy_forward_by_row(CrossEntropyForward a, WeighedLoss* rows, Fault* fault) {
  NTL_SHARED(float, maxima, [kWarps]);
  NTL_SHARED(double, sums, [kWarps]);
  cross_entropy_rows<Kind>(a, rows, fault, maxima, sums);
}

__global__ void __launch_bounds__(kThreads)
    cross_entropy_forward_join_rows(CrossEntropyForward a, const WeighedLoss* rows) {
  NTL_SHARED(double, sums, [kWarps]);
  cross_entropy_join(a, rows, sums);
}

template <typename Kind>
__global__ void __launch_bounds__(kThreads) cross_entropy_backward_by_row(CrossEntropyBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  cross_entropy_slopes<Kind>(a, sums);
}

}  // namespace

void cross_entropy_forward(const CrossEntropyForward& a, std::byte* workspace, const Team& team) {
  auto* rows = reinterpret_cast<WeighedLoss*>(workspace);
  expect_targets(a, team);
  NTL_LAUNCH_ROWS(cross_entropy_forward_by_row, a.rows, a.classes, aligned_rows(a.classes, a.x), team, a, rows,
                  team.fault);
  if (a.reduction == LossReduction::none) return;
  NTL_LAUNCH(cross_entropy_forward_join_rows, dim3(1), dim3(kThreads), 0, stream_of(team), a, rows);
}

void cross_entropy_backward(const CrossEntropyBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(cross_entropy_backward_by_row, a.rows, a.classes, aligned_rows(a.classes, a.x, a.dx), team, a);
}

}  // namespace nautile::NTL_TARGET
