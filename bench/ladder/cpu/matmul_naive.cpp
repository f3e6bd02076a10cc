// Naive: the formula, three loops. Each step reads the next number of a row of a, but of b the one below, in another cache line:
// of the 64 bytes that come from memory 4 are used. The sum is one chain of additions, each waiting for the one before.
// NTL_SCALAR: the compiler may not vectorise it.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void matmul_naive(const Product& p, float* /*scratch*/, const Team& /*team*/) {
  for (std::int64_t i = 0; i < p.m; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      float sum = 0.0F;
      for (std::int64_t l = 0; l < p.k; ++l) sum += p.a[i * p.k + l] * p.b[l * p.n + j];
      p.y[i * p.n + j] = sum;
    }
  }
}

}  // namespace nautile::NTL_TARGET
