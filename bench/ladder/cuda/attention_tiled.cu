// Tiled: 128 queries share tiles of 32 keys and values in shared memory, where four numbers come with one load; and the row so far is
// scaled down once for 32 keys instead of for each.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kQueries = 128;
constexpr int kKeys = 32;

__global__ void __launch_bounds__(kQueries) attention_tiled_by_thread(Attention p) {
  NTL_SHARED(float, k, [kKeys][kHead]);
  NTL_SHARED(float, v, [kKeys][kHead]);
  const std::int64_t i = std::int64_t{blockIdx.x} * kQueries + threadIdx.x;
  const std::int64_t start = std::int64_t{blockIdx.y} * p.length * kHead;
  float q[kHead];
  float y[kHead] = {};
  NTL_UNROLL
  for (int e = 0; e < kHead; ++e) q[e] = i < p.length ? kScale * p.q[start + i * kHead + e] : 0.0F;
  float most = -INFINITY;
  float sum = 0.0F;
  for (std::int64_t j0 = 0; j0 < p.length; j0 += kKeys) {
    for (int e = static_cast<int>(threadIdx.x); e < kKeys * kHead; e += kQueries) {
      const bool inside = j0 + e / kHead < p.length;
      k[e / kHead][e % kHead] = inside ? p.k[start + j0 * kHead + e] : 0.0F;
      v[e / kHead][e % kHead] = inside ? p.v[start + j0 * kHead + e] : 0.0F;
    }
    __syncthreads();
    float weight[kKeys];
    float now = most;
    NTL_UNROLL
    for (int j = 0; j < kKeys; ++j) {
      weight[j] = 0.0F;
      NTL_UNROLL
      for (int e = 0; e < kHead; e += 4) {
        const Pack<4> four = load<4>(&k[j][e]);
        NTL_UNROLL
        for (int c = 0; c < 4; ++c) weight[j] = fmaf(q[e + c], four.v[c], weight[j]);
      }
      if (j0 + j >= p.length) weight[j] = -INFINITY;
      now = fmaxf(now, weight[j]);
    }
    const float shrink = expf(most - now);
    most = now;
    sum *= shrink;
    NTL_UNROLL
    for (int e = 0; e < kHead; ++e) y[e] *= shrink;
    NTL_UNROLL
    for (int j = 0; j < kKeys; ++j) {
      weight[j] = expf(weight[j] - most);
      sum += weight[j];
      NTL_UNROLL
      for (int e = 0; e < kHead; e += 4) {
        const Pack<4> four = load<4>(&v[j][e]);
        NTL_UNROLL
        for (int c = 0; c < 4; ++c) y[e + c] = fmaf(weight[j], four.v[c], y[e + c]);
      }
    }
    __syncthreads();
  }
  if (i >= p.length) return;
  NTL_UNROLL
  for (int e = 0; e < kHead; ++e) p.y[start + i * kHead + e] = y[e] / sum;
}

}  // namespace

void attention_tiled(const Attention& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.length, kQueries)), static_cast<unsigned>(p.heads));
  NTL_LAUNCH(attention_tiled_by_thread, grid, dim3(kQueries), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
