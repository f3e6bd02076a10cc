// Three kernels: all scores of all heads, a thread each (a matrix of length x length for each head, written to memory), softmax of
// its rows, a block each, and its product with v, a thread for each element of y.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(256) attention_separate_scores(Attention p, float* score) {
  for_items(p.heads * p.length * p.length, [&](std::int64_t e) {
    const float* q = p.q + e / p.length * kHead;
    const float* k = p.k + (e / p.length / p.length * p.length + e % p.length) * kHead;
    float sum = 0.0F;
    for (std::int64_t d = 0; d < kHead; ++d) sum = fmaf(q[d], k[d], sum);
    score[e] = kScale * sum;
  });
}

__global__ void __launch_bounds__(256) attention_separate_softmax(Attention p, float* score) {
  NTL_SHARED(float, part, [256]);
  const int thread = static_cast<int>(threadIdx.x);
  const auto joined = [&](float mine, auto join) {  // of all threads of the block, by halves
    part[thread] = mine;
    for (int half = 128; half > 0; half /= 2) {
      __syncthreads();
      if (thread < half) part[thread] = join(part[thread], part[thread + half]);
    }
    __syncthreads();
    const float all = part[0];
    __syncthreads();
    return all;
  };
  for (std::int64_t r = blockIdx.x; r < p.heads * p.length; r += gridDim.x) {
    float* row = score + r * p.length;
    float most = -INFINITY;
    for (std::int64_t j = thread; j < p.length; j += 256) most = fmaxf(most, row[j]);
    most = joined(most, [](float x, float y) { return fmaxf(x, y); });
    float sum = 0.0F;
    for (std::int64_t j = thread; j < p.length; j += 256) sum += row[j] = expf(row[j] - most);
    sum = joined(sum, [](float x, float y) { return x + y; });
    for (std::int64_t j = thread; j < p.length; j += 256) row[j] /= sum;
  }
}

__global__ void __launch_bounds__(256) attention_separate_product(Attention p, const float* weight) {
  for_items(p.heads * p.length * kHead, [&](std::int64_t e) {
    const float* row = weight + e / kHead * p.length;
    const float* v = p.v + e / kHead / p.length * p.length * kHead + e % kHead;
    float sum = 0.0F;
    for (std::int64_t j = 0; j < p.length; ++j) sum = fmaf(row[j], v[j * kHead], sum);
    p.y[e] = sum;
  });
}

}  // namespace

std::int64_t attention_separate_scratch(const Attention& p) { return p.heads * p.length * p.length; }

void attention_separate(const Attention& p, float* scratch, const Team& team) {
  const std::int64_t rows = p.heads * p.length;
  NTL_LAUNCH(attention_separate_scores, blocks_for(rows * p.length, 256), dim3(256), 0, stream_of(team), p, scratch);
  NTL_LAUNCH(attention_separate_softmax, blocks_for(rows, 1), dim3(256), 0, stream_of(team), p, scratch);
  NTL_LAUNCH(attention_separate_product, blocks_for(rows * kHead, 256), dim3(256), 0, stream_of(team), p, scratch);
}

}  // namespace nautile::NTL_TARGET
