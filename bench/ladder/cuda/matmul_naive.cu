// Naive: a thread for each element of y, with neighbouring threads below each other in a column. The 32 threads of a warp then
// read 32 different rows of a at once: 32 pieces of memory of 32 bytes each, of which 4 are used.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(256) matmul_naive_by_element(Product p) {
  const std::int64_t i = std::int64_t{blockIdx.x} * 32 + threadIdx.x;
  const std::int64_t j = std::int64_t{blockIdx.y} * 8 + threadIdx.y;
  if (i >= p.m || j >= p.n) return;
  float sum = 0.0F;
  for (std::int64_t l = 0; l < p.k; ++l) sum = fmaf(p.a[i * p.k + l], p.b[l * p.n + j], sum);
  p.y[i * p.n + j] = sum;
}

}  // namespace

void matmul_naive(const Product& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.m, 32)), static_cast<unsigned>(ceil_div(p.n, 8)));
  NTL_LAUNCH(matmul_naive_by_element, grid, dim3(32, 8), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
