// Tensor cores: a warp multiplies 16 x 8 by 8 x 8 numbers with one instruction. Its inputs have 10 bits after the leading one (TF32)
// instead of 23, its sums are float32: the result has three correct digits instead of six. Each of the 8 warps has 64 x 32
// elements of the block's tile of 128 x 128.
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
__global__ void __launch_bounds__(256, 2) matmul_tensor_cores_by_warp(Product p) {
  NTL_SHARED(float, a, [2][kTile][kDepth + 4]);  // rows of 20 and of 136: the 32 threads of a warp meet 32 banks
  NTL_SHARED(float, b, [2][kDepth][kTile + 8]);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / 128 * 64 + thread % 32 / 4;  // in its warp a thread has the place (row, quad)
  const int quad = thread % 4;
  const int col = thread / 32 % 4 * 32;
  const std::int64_t i0 = std::int64_t{blockIdx.y} * kTile;
  const std::int64_t j0 = std::int64_t{blockIdx.x} * kTile;
  const auto fetch_tiles = [&](int buffer, std::int64_t l0) {
    for (int e = thread; e < kTile * kDepth / 4; e += 256) {
      fetch<kAtOnce>(&a[buffer][e / 4][e % 4 * 4], p.a, p.m, p.k, i0 + e / 4, l0 + e % 4 * 4);
      fetch<kAtOnce>(&b[buffer][e / 32][e % 32 * 4], p.b, p.k, p.n, l0 + e / 32, j0 + e % 32 * 4);
    }
    cuda::cp_async_commit();
  };
  float sum[4][4][4] = {};
  int now = 0;
  fetch_tiles(now, 0);
  for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth, now = 1 - now) {
    cuda::cp_async_wait<0>();
    __syncthreads();
    if (l0 + kDepth < p.k) fetch_tiles(1 - now, l0 + kDepth);
    NTL_UNROLL
    for (int l = quad; l < kDepth; l += 8) {
      std::uint32_t left[4][4];
      std::uint32_t right[4][2];
      NTL_UNROLL
      for (int t = 0; t < 16; ++t) {
        left[t / 4][t % 4] = cuda::round_tf32(a[now][row + t / 4 * 16 + t % 2 * 8][l + t % 4 / 2 * 4]);
      }
      NTL_UNROLL
      for (int t = 0; t < 8; ++t) {
        right[t / 2][t % 2] = cuda::round_tf32(b[now][l + t % 2 * 4][col + t / 2 * 8 + thread % 32 / 4]);
      }
      NTL_UNROLL
      for (int t = 0; t < 16; ++t) {
        float* const tile = sum[t / 4][t % 4];
        cuda::mma_m16n8k8_tf32(tile, left[t / 4], right[t % 4], tile);
      }
    }
  }
  cuda::cp_async_wait<0>();
  NTL_UNROLL
  for (int e = 0; e < 64; ++e) {
    const std::int64_t i = i0 + row + e / 16 * 16 + e % 4 / 2 * 8;
    const std::int64_t j = j0 + col + e / 4 % 4 * 8 + quad * 2 + e % 2;
    if (i < p.m && j < p.n) p.y[i * p.n + j] = sum[e / 16][e / 4 % 4][e % 4];
  }
}

}  // namespace

void matmul_tensor_cores(const Product& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.n, kTile)), static_cast<unsigned>(ceil_div(p.m, kTile)));
  if (p.k % 4 == 0 && p.n % 4 == 0 && aligned(p.a, p.b)) {
    NTL_LAUNCH((matmul_tensor_cores_by_warp<true>), grid, dim3(256), 0, stream_of(team), p);
  } else {
    NTL_LAUNCH((matmul_tensor_cores_by_warp<false>), grid, dim3(256), 0, stream_of(team), p);
  }
}

}  // namespace nautile::NTL_TARGET
