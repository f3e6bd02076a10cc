// Tiled: the 1024 threads of a block fetch a tile of a and one of b, 32 x 32 numbers each, into shared memory, and all of them read
// it there: what comes from memory is used 32 times. The two barriers keep anyone from reading before the tile is whole, and from
// overwriting it while it is read.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kTile = 32;

__global__ void __launch_bounds__(kTile* kTile) matmul_tiled_by_block(Product p) {
  NTL_SHARED(float, a, [kTile][kTile]);
  NTL_SHARED(float, b, [kTile][kTile]);
  const int row = static_cast<int>(threadIdx.y);
  const int col = static_cast<int>(threadIdx.x);
  const std::int64_t i = std::int64_t{blockIdx.y} * kTile + row;
  const std::int64_t j = std::int64_t{blockIdx.x} * kTile + col;
  float sum = 0.0F;
  for (std::int64_t l0 = 0; l0 < p.k; l0 += kTile) {
    a[row][col] = i < p.m && l0 + col < p.k ? p.a[i * p.k + l0 + col] : 0.0F;
    b[row][col] = l0 + row < p.k && j < p.n ? p.b[(l0 + row) * p.n + j] : 0.0F;
    __syncthreads();
    NTL_UNROLL
    for (int l = 0; l < kTile; ++l) sum = fmaf(a[row][l], b[l][col], sum);
    __syncthreads();
  }
  if (i < p.m && j < p.n) p.y[i * p.n + j] = sum;
}

}  // namespace

void matmul_tiled(const Product& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.n, kTile)), static_cast<unsigned>(ceil_div(p.m, kTile)));
  NTL_LAUNCH(matmul_tiled_by_block, grid, dim3(kTile, kTile), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
