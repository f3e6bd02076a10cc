#include "nautile/linear.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"
#include "nautile/cuda_product.hpp"

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

}  // namespace

std::int64_t tasks(const LinearForward&) { return 1; }
std::int64_t tasks(const LinearBackward&) { return 1; }

std::int64_t workspace(const LinearForward& a, std::int64_t) { return product_workspace(forward_product(a)); }
std::int64_t workspace(const LinearBackward& a, std::int64_t) {
  const std::int64_t dx = a.dx == nullptr ? 0 : product_workspace(dx_product(a));
  const std::int64_t dweight = a.dweight == nullptr ? 0 : product_workspace(dweight_product(a));
  return dx > dweight ? dx : dweight;
}

bool fuses(const LinearForward&) { return false; }
std::int64_t prepack(const LinearForward&, std::byte*) { return 0; }
bool fuses(const LinearBackward&) { return false; }

void linear_forward(const LinearForward& a, std::byte* workspace, const Team& team) {
  product(forward_product(a), workspace, team);
}

// The products follow one another, so they use the same workspace.
void linear_backward(const LinearBackward& a, std::byte* workspace, const Team& team) {
  if (a.dx != nullptr) product(dx_product(a), workspace, team);
  if (a.dweight != nullptr) product(dweight_product(a), workspace, team);
  if (a.dbias != nullptr) {
    NTL_LAUNCH(linear_backward_bias_by_column, blocks_for_columns(a.n), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
