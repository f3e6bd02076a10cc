// Pipelined: while one pair of tiles is multiplied, the next one is on its way into a second pair of buffers (cp.async: from memory
// to shared memory without registers between, 16 bytes at a time). Nobody waits for memory as long as the arithmetic takes longer.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kTile = 128;
constexpr int kDepth = 16;

// Four neighbours of a row of x, zeros outside of it; at once where every row begins at a multiple of 16 bytes.
template <bool kAtOnce>
__device__ void fetch(float* to, const float* x, std::int64_t rows, std::int64_t cols, std::int64_t r, std::int64_t c) {
  if constexpr (kAtOnce) {
    const bool inside = r < rows && c < cols;
    cuda::cp_async_16(to, inside ? x + r * cols + c : x, inside);
  } else {
    for (int e = 0; e < 4; ++e) {
      const bool inside = r < rows && c + e < cols;
      cuda::cp_async_4(to + e, inside ? x + r * cols + c + e : x, inside);
    }
  }
}

template <bool kAtOnce>
__global__ void __launch_bounds__(256, 2) matmul_pipelined_by_block(Product p) {
  NTL_SHARED(float, a, [2][kTile][kDepth + 4]);
  NTL_SHARED(float, b, [2][kDepth][kTile]);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / 16;  // this thread's rows: row, row + 16, ...; columns: 4 from col on, and the same 64 later
  const int col = thread % 16 * 4;
  const std::int64_t i0 = std::int64_t{blockIdx.y} * kTile;
  const std::int64_t j0 = std::int64_t{blockIdx.x} * kTile;
  const auto fetch_tiles = [&](int buffer, std::int64_t l0) {
    for (int e = thread; e < kTile * kDepth / 4; e += 256) {
      fetch<kAtOnce>(&a[buffer][e / 4][e % 4 * 4], p.a, p.m, p.k, i0 + e / 4, l0 + e % 4 * 4);
      fetch<kAtOnce>(&b[buffer][e / 32][e % 32 * 4], p.b, p.k, p.n, l0 + e / 32, j0 + e % 32 * 4);
    }
    cuda::cp_async_commit();
  };
  float sum[8][8] = {};
  int now = 0;
  fetch_tiles(now, 0);
  for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth, now = 1 - now) {
    cuda::cp_async_wait<0>();
    __syncthreads();  // the tiles have come, and nobody reads the other buffer any more
    if (l0 + kDepth < p.k) fetch_tiles(1 - now, l0 + kDepth);
    NTL_UNROLL
    for (int l = 0; l < kDepth; l += 4) {
      Pack<4> left[8];
      NTL_UNROLL
      for (int r = 0; r < 8; ++r) left[r] = load<4>(&a[now][row + 16 * r][l]);
      NTL_UNROLL
      for (int k = 0; k < 4; ++k) {
        const Pack<4> right[2] = {load<4>(&b[now][l + k][col]), load<4>(&b[now][l + k][64 + col])};
        NTL_UNROLL
        for (int e = 0; e < 64; ++e) {
          sum[e / 8][e % 8] = fmaf(left[e / 8].v[k], right[e % 8 / 4].v[e % 4], sum[e / 8][e % 8]);
        }
      }
    }
  }
  cuda::cp_async_wait<0>();
  NTL_UNROLL
  for (int e = 0; e < 64; ++e) {
    const std::int64_t i = i0 + row + 16 * (e / 8);
    const std::int64_t j = j0 + e % 8 / 4 * 64 + col + e % 4;
    if (i < p.m && j < p.n) p.y[i * p.n + j] = sum[e / 8][e % 8];
  }
}

}  // namespace

void matmul_pipelined(const Product& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.n, kTile)), static_cast<unsigned>(ceil_div(p.m, kTile)));
  if (p.k % 4 == 0 && p.n % 4 == 0 && aligned(p.a, p.b)) {
    NTL_LAUNCH((matmul_pipelined_by_block<true>), grid, dim3(256), 0, stream_of(team), p);
  } else {
    NTL_LAUNCH((matmul_pipelined_by_block<false>), grid, dim3(256), 0, stream_of(team), p);
  }
}

}  // namespace nautile::NTL_TARGET
