// Three steps: all scores of a head (a matrix of length x length, written to memory), softmax of its rows, and their product with
// v. For 1024 tokens the matrix has 4 MiB for each head, for 8192 tokens 256 MiB: it is written and read twice, with the scores
// and with the weights that softmax makes of them.
// NTL_SCALAR: the compiler may not vectorise it.
#include <cmath>

#include "ladder.hpp"

namespace nautile::NTL_TARGET {

std::int64_t attention_separate_scratch(const Attention& p) { return p.length * p.length; }

void attention_separate(const Attention& p, float* scratch, const Team& /*team*/) {
  for (std::int64_t head = 0; head < p.heads; ++head) {
    const std::int64_t start = head * p.length * kHead;
    const float* q = p.q + start;
    const float* k = p.k + start;
    const float* v = p.v + start;
    float* y = p.y + start;
    for (std::int64_t i = 0; i < p.length; ++i) {
      for (std::int64_t j = 0; j < p.length; ++j) {
        float sum = 0.0F;
        for (std::int64_t e = 0; e < kHead; ++e) sum += q[i * kHead + e] * k[j * kHead + e];
        scratch[i * p.length + j] = kScale * sum;
      }
    }
    for (std::int64_t i = 0; i < p.length; ++i) {
      float* row = scratch + i * p.length;
      float most = row[0];
      for (std::int64_t j = 1; j < p.length; ++j) most = row[j] > most ? row[j] : most;
      float sum = 0.0F;
      for (std::int64_t j = 0; j < p.length; ++j) sum += row[j] = expf(row[j] - most);
      for (std::int64_t j = 0; j < p.length; ++j) row[j] /= sum;
    }
    for (std::int64_t i = 0; i < p.length; ++i) {
      for (std::int64_t e = 0; e < kHead; ++e) {
        float sum = 0.0F;
        for (std::int64_t j = 0; j < p.length; ++j) sum += scratch[i * p.length + j] * v[j * kHead + e];
        y[i * kHead + e] = sum;
      }
    }
  }
}

}  // namespace nautile::NTL_TARGET
