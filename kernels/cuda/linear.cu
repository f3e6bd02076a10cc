#include "nautile/linear.hpp"

#include <cmath>

#include "nautile/cuda_cluster_calls.hpp"
#include "nautile/cuda_product.hpp"
#include "nautile/kernel_table.hpp"
#include "nautile/small_calls.hpp"

// Small layers are one launch (cuda_cluster_calls.hpp), alone or with their neighbours in a plan; others are products.

namespace nautile {

#define NTL_TABLE_OF(target) NTL_TABLE_OF_1(target)
#define NTL_TABLE_OF_1(target) table_##target
extern const KernelTable NTL_TABLE_OF(NTL_TARGET);

}  // namespace nautile

namespace nautile::NTL_TARGET {
namespace {

// A product of two contiguous matrices: y [rows,cols] = a b over depth terms.
Gemm matrices(const float* a, std::int64_t a_row, std::int64_t a_col, const float* b, std::int64_t b_row,
              std::int64_t b_col, float* y, std::int64_t rows, std::int64_t cols, std::int64_t depth, const float* bias,
              bool accumulate, MatmulPrecision precision) {
  return {a, b, y, 1, rows, cols, depth, 0, a_row, a_col, 0, b_row, b_col, 0, cols, bias, accumulate, precision};
}

// y = x weight^T + bias
Gemm forward_product(const LinearForward& a) {
  return matrices(a.x, a.k, 1, a.weight, 1, a.k, a.y, a.m, a.n, a.k, a.bias, false, a.precision);
}

// dx = dy weight
Gemm dx_product(const LinearBackward& a) {
  return matrices(a.dy, a.n, 1, a.weight, a.k, 1, a.dx, a.m, a.k, a.n, nullptr, a.accumulate_dx, a.precision);
}

// dweight = dy^T x
Gemm dweight_product(const LinearBackward& a) {
  return matrices(a.dy, 1, a.n, a.x, a.k, 1, a.dweight, a.n, a.k, a.m, nullptr, a.accumulate_dweight, a.precision);
}

// A block for 32 columns of dy, which its warps go down in turns; sums in double.
__global__ void __launch_bounds__(kThreads) linear_backward_bias_by_column(LinearBackward a) {
  NTL_SHARED(double, scratch, [kThreads]);
  for_columns(a.n, [&](std::int64_t c, int first) {
    double sum = 0.0;
    for (std::int64_t i = first; i < a.m && c >= 0; i += kWarps) sum += static_cast<double>(a.dy[i * a.n + c]);
    sum = join_column(sum, Add{}, scratch);
    if (c < 0 || first != 0) return;
    a.dbias[c] = static_cast<float>(a.accumulate_dbias ? static_cast<double>(a.dbias[c]) + sum : sum);
  });
}

template <typename Args>
bool is_small(const Args& a) {
  return fits_cluster(a) && runs_in_cluster();
}

// The call in `to`, if it is one of that kernel and small.
template <typename Args>
bool take(const AnyCall& call, const Kernel<Args>& kernel, ClusterCall& to) {
  if (call.kernel != &kernel) return false;
  const Args& args = *static_cast<const Args*>(call.args);
  if (!fits_cluster(args)) return false;
  put_call(args, to);
  return true;
}
bool take(const AnyCall& call, ClusterCall& to) {
  const KernelTable& table = NTL_TABLE_OF(NTL_TARGET);
  return take(call, table.linear_forward, to) || take(call, table.linear_backward, to) ||
         take(call, table.cross_entropy_forward, to) || take(call, table.cross_entropy_backward, to) ||
         take(call, table.sgd_step, to) || take(call, table.fill_forward, to) || take(call, table.scale_forward, to);
}

}  // namespace

std::int64_t calls_together(const AnyCall* calls, std::int64_t count) {
  if (!runs_in_cluster()) return 0;
  ClusterCall ignored;
  std::int64_t n = 0;
  while (n < count && n < kMostCalls && take(calls[n], ignored)) ++n;
  return n;
}

void run_together(const AnyCall* calls, std::int64_t count, std::byte* workspace, const Team& team) {
  ClusterCalls together{};
  for (std::int64_t i = 0; i < count; ++i) {
    ClusterCall& call = together.of[together.count++];
    take(calls[i], call);
    if (call.op == ClusterOp::cross_entropy) expect_targets(call.as<CrossEntropyForward>(), team);
  }
  launch_in_cluster(together, workspace, team);
}

std::int64_t tasks(const LinearForward&) { return 1; }
std::int64_t tasks(const LinearBackward&) { return 1; }

std::int64_t workspace(const LinearForward& a, std::int64_t) {
  return is_small(a) ? 0 : product_workspace(forward_product(a));
}
std::int64_t workspace(const LinearBackward& a, std::int64_t) {
  if (is_small(a)) return 0;
  const std::int64_t dx = a.dx == nullptr ? 0 : product_workspace(dx_product(a));
  const std::int64_t dweight = a.dweight == nullptr ? 0 : product_workspace(dweight_product(a));
  return dx > dweight ? dx : dweight;
}

bool fuses(const LinearForward& a) { return a.function == Activation::relu && is_small(a); }
std::int64_t prepack(const LinearForward&, std::byte*) { return 0; }
bool fuses(const LinearBackward& a) { return is_small(a); }

void linear_forward(const LinearForward& a, std::byte* workspace, const Team& team) {
  if (is_small(a)) return run_in_cluster(a, team);
  product(forward_product(a), workspace, team);
}

// The products follow one another, so they use the same workspace.
void linear_backward(const LinearBackward& a, std::byte* workspace, const Team& team) {
  if (is_small(a)) return run_in_cluster(a, team);
  if (a.dx != nullptr) product(dx_product(a), workspace, team);
  if (a.dweight != nullptr) product(dweight_product(a), workspace, team);
  if (a.dbias != nullptr) {
    NTL_LAUNCH(linear_backward_bias_by_column, blocks_for_columns(a.n), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
