// Registers: scores and y are products of matrices, so they are computed like those. A block has 128 queries and takes 64 keys at a
// time; each of its 256 threads has 8 x 4 of the scores, and 8 x 4 of y: three loads of four numbers for 32 multiply-adds. The
// weights go through shared memory from one product to the other; the largest score of a row is found by its 16 threads together.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kQueries = 128;
constexpr int kKeys = 64;

struct Tiles {  // the first two transposed, as the products read them
  float q[kHead][kQueries + 4];
  float k[kHead][kKeys + 4];
  float v[kKeys][kHead + 4];
  float weight[kKeys][kQueries + 4];
};

// sum += left^T right for this thread's rows (4 from row on, and the same 64 below) and 4 columns.
template <int kDepth, int kLeft, int kRight>
__device__ void multiply(const float (&left)[kDepth][kLeft], const float (&right)[kDepth][kRight], int row, int col,
                         float (&sum)[8][4]) {
  NTL_UNROLL_BY(8)
  for (int l = 0; l < kDepth; ++l) {
    const Pack<4> rows[2] = {load<4>(&left[l][row]), load<4>(&left[l][64 + row])};
    const Pack<4> cols = load<4>(&right[l][col]);
    NTL_UNROLL
    for (int e = 0; e < 32; ++e) sum[e / 4][e % 4] = fmaf(rows[e / 16].v[e / 4 % 4], cols.v[e % 4], sum[e / 4][e % 4]);
  }
}

__global__ void __launch_bounds__(256, 2) attention_registers_by_block(Attention p) {
  NTL_DYNAMIC_SHARED(Tiles, tiles);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / 16 * 4;
  const int col = thread % 16 * 4;
  const std::int64_t i0 = std::int64_t{blockIdx.x} * kQueries;
  const std::int64_t start = std::int64_t{blockIdx.y} * p.length * kHead;
  for (int e = thread; e < kQueries * kHead; e += 256) {
    const std::int64_t i = i0 + e / kHead;
    tiles->q[e % kHead][e / kHead] = i < p.length ? kScale * p.q[start + i * kHead + e % kHead] : 0.0F;
  }
  float y[8][4] = {};
  float most[8];
  float sum[8] = {};
  NTL_UNROLL
  for (float& m : most) m = -INFINITY;
  for (std::int64_t j0 = 0; j0 < p.length; j0 += kKeys) {
    for (int e = thread; e < kKeys * kHead; e += 256) {
      const bool inside = j0 + e / kHead < p.length;
      tiles->k[e % kHead][e / kHead] = inside ? p.k[start + j0 * kHead + e] : 0.0F;
      tiles->v[e / kHead][e % kHead] = inside ? p.v[start + j0 * kHead + e] : 0.0F;
    }
    __syncthreads();
    float score[8][4] = {};
    multiply(tiles->q, tiles->k, row, col, score);
    NTL_UNROLL
    for (int r = 0; r < 8; ++r) {
      float now = most[r];
      NTL_UNROLL
      for (int c = 0; c < 4; ++c) {
        if (j0 + col + c >= p.length) score[r][c] = -INFINITY;
        now = fmaxf(now, score[r][c]);
      }
      NTL_UNROLL
      for (int lanes = 8; lanes > 0; lanes /= 2) now = fmaxf(now, __shfl_xor_sync(0xffffffffu, now, lanes));
      const float shrink = expf(most[r] - now);
      most[r] = now;
      sum[r] *= shrink;
      NTL_UNROLL
      for (int c = 0; c < 4; ++c) {
        const float weight = expf(score[r][c] - now);
        sum[r] += weight;
        y[r][c] *= shrink;
        tiles->weight[col + c][r / 4 * 64 + row + r % 4] = weight;
      }
    }
    __syncthreads();
    multiply(tiles->weight, tiles->v, row, col, y);
    __syncthreads();
  }
  NTL_UNROLL
  for (int r = 0; r < 8; ++r) {
    NTL_UNROLL
    for (int lanes = 8; lanes > 0; lanes /= 2) sum[r] += __shfl_xor_sync(0xffffffffu, sum[r], lanes);
    const std::int64_t i = i0 + r / 4 * 64 + row + r % 4;
    NTL_UNROLL
    for (int c = 0; c < 4; ++c) {
      if (i < p.length) p.y[start + i * kHead + col + c] = y[r][c] / sum[r];
    }
  }
}

}  // namespace

void attention_registers(const Attention& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.length, kQueries)), static_cast<unsigned>(p.heads));
  allow_shared(attention_registers_by_block, sizeof(Tiles));
  NTL_LAUNCH(attention_registers_by_block, grid, dim3(256), sizeof(Tiles), stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
