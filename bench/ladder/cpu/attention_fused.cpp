// Fused rows: no matrix. A row of y is built while its scores come, key by key, with the largest score so far and the sum of the
// weights so far; when a larger score comes, both the sum and the row are scaled down (online softmax: M. Milakov and
// N. Gimelshein 2018). What is saved is the matrix, and its way to memory and back; the arithmetic is the same.
// NTL_SCALAR: the compiler may not vectorise it.
#include <cmath>

#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void attention_fused(const Attention& p, float* /*scratch*/, const Team& /*team*/) {
  for (std::int64_t row = 0; row < p.heads * p.length; ++row) {
    const float* q = p.q + row * kHead;
    const float* k = p.k + row / p.length * p.length * kHead;
    const float* v = p.v + row / p.length * p.length * kHead;
    float y[kHead] = {};
    float most = -INFINITY;
    float sum = 0.0F;
    for (std::int64_t j = 0; j < p.length; ++j, k += kHead, v += kHead) {
      float score = 0.0F;
      for (std::int64_t e = 0; e < kHead; ++e) score += q[e] * k[e];
      score *= kScale;
      if (score > most) {
        const float shrink = expf(most - score);  // 0 the first time
        sum *= shrink;
        for (std::int64_t e = 0; e < kHead; ++e) y[e] *= shrink;
        most = score;
      }
      const float weight = expf(score - most);
      sum += weight;
      for (std::int64_t e = 0; e < kHead; ++e) y[e] += weight * v[e];
    }
    for (std::int64_t e = 0; e < kHead; ++e) p.y[row * kHead + e] = y[e] / sum;
  }
}

}  // namespace nautile::NTL_TARGET
