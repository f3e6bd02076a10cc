// Registers: shared memory was the limit, two loads for each multiply-add. Now a thread computes 8 x 8 elements: 16 numbers, loaded
// four at a time, serve 64 multiply-adds. A block of 256 threads has a tile of 128 x 128; that of a lies transposed, so that four
// rows are neighbours.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kTile = 128;
constexpr int kDepth = 8;

__global__ void __launch_bounds__(256, 2) matmul_registers_by_block(Product p) {
  NTL_SHARED(float, a, [kDepth][kTile + 4]);
  NTL_SHARED(float, b, [kDepth][kTile]);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / 16 * 4;  // this thread's rows: row to row + 3, and the same 64 below; columns alike
  const int col = thread % 16 * 4;
  const std::int64_t i0 = std::int64_t{blockIdx.y} * kTile;
  const std::int64_t j0 = std::int64_t{blockIdx.x} * kTile;
  float sum[8][8] = {};
  for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth) {
    NTL_UNROLL_BY(2)
    for (int e = thread; e < kTile * kDepth; e += 256) {
      const std::int64_t i = i0 + e / kDepth;
      const std::int64_t l = l0 + e % kDepth;
      a[e % kDepth][e / kDepth] = i < p.m && l < p.k ? p.a[i * p.k + l] : 0.0F;
    }
    NTL_UNROLL_BY(2)
    for (int e = thread; e < kTile * kDepth; e += 256) {
      const std::int64_t l = l0 + e / kTile;
      const std::int64_t j = j0 + e % kTile;
      b[e / kTile][e % kTile] = l < p.k && j < p.n ? p.b[l * p.n + j] : 0.0F;
    }
    __syncthreads();
    NTL_UNROLL
    for (int l = 0; l < kDepth; ++l) {
      const Pack<4> left[2] = {load<4>(&a[l][row]), load<4>(&a[l][64 + row])};
      const Pack<4> right[2] = {load<4>(&b[l][col]), load<4>(&b[l][64 + col])};
      NTL_UNROLL
      for (int r = 0; r < 8; ++r) {
        NTL_UNROLL
        for (int c = 0; c < 8; ++c) sum[r][c] = fmaf(left[r / 4].v[r % 4], right[c / 4].v[c % 4], sum[r][c]);
      }
    }
    __syncthreads();
  }
  NTL_UNROLL
  for (int e = 0; e < 64; ++e) {
    const std::int64_t i = i0 + e / 32 * 64 + row + e / 8 % 4;
    const std::int64_t j = j0 + e % 8 / 4 * 64 + col + e % 4;
    if (i < p.m && j < p.n) p.y[i * p.n + j] = sum[e / 8][e % 8];
  }
}

}  // namespace

void matmul_registers(const Product& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.n, kTile)), static_cast<unsigned>(ceil_div(p.m, kTile)));
  NTL_LAUNCH(matmul_registers_by_block, grid, dim3(256), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
