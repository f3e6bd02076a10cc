#include "nautile/matmul.hpp"

#include <cmath>
#include <type_traits>

#include "nautile/cuda_product.hpp"
#include "nautile/cuda_tensor_gemm.hpp"

namespace nautile::NTL_TARGET {
namespace {

Gemm gemm_of(const MatmulForward& a) {
  return {a.a,     a.b,       a.y,     a.batch, a.m,       a.n,     a.k,     a.a_batch,    a.a_row,
          a.a_col, a.b_batch, a.b_row, a.b_col, a.y_batch, a.y_row, nullptr, a.accumulate, a.precision};
}

}  // namespace

std::int64_t product_workspace(const Gemm& g) { return tensor_gemm_workspace(g); }
void product(const Gemm& g, std::byte* workspace, const Team& team) { tensor_gemm(g, workspace, team); }

std::int64_t tasks(const MatmulForward&) { return 1; }
std::int64_t prepack(const MatmulForward&, std::byte*) { return 0; }

std::int64_t workspace(const MatmulForward& a, std::int64_t) { return product_workspace(gemm_of(a)); }

void matmul_forward(const MatmulForward& a, std::byte* workspace, const Team& team) {
  product(gemm_of(a), workspace, team);
}

}  // namespace nautile::NTL_TARGET
