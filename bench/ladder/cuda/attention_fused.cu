// Fused rows: one kernel and no matrix. A thread has a query, and builds its row of y, in registers, while its scores come key by
// key; when a larger score comes, the sum and the row so far are scaled down (online softmax: M. Milakov and N. Gimelshein 2018).
// All threads of a warp read the same key at the same time.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kQueries = 128;  // of a block

__global__ void __launch_bounds__(kQueries) attention_fused_by_thread(Attention p) {
  const std::int64_t i = std::int64_t{blockIdx.x} * kQueries + threadIdx.x;
  if (i >= p.length) return;
  const std::int64_t start = std::int64_t{blockIdx.y} * p.length * kHead;
  float q[kHead];
  float y[kHead] = {};
  NTL_UNROLL
  for (int e = 0; e < kHead; ++e) q[e] = kScale * p.q[start + i * kHead + e];
  float most = -INFINITY;
  float sum = 0.0F;
  for (std::int64_t j = 0; j < p.length; ++j) {
    const float* k = p.k + start + j * kHead;
    const float* v = p.v + start + j * kHead;
    float score = 0.0F;
    NTL_UNROLL
    for (int e = 0; e < kHead; ++e) score = fmaf(q[e], k[e], score);
    const float now = fmaxf(most, score);
    const float shrink = expf(most - now);  // 0 the first time
    const float weight = expf(score - now);
    sum = fmaf(sum, shrink, weight);
    NTL_UNROLL
    for (int e = 0; e < kHead; ++e) y[e] = fmaf(weight, v[e], y[e] * shrink);
    most = now;
  }
  NTL_UNROLL
  for (int e = 0; e < kHead; ++e) p.y[start + i * kHead + e] = y[e] / sum;
}

}  // namespace

void attention_fused(const Attention& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.length, kQueries)), static_cast<unsigned>(p.heads));
  NTL_LAUNCH(attention_fused_by_thread, grid, dim3(kQueries), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
