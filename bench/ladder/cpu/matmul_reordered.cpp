// Reordered: the two inner loops change places. Now b and y are read along their rows, whole cache lines, which the processor
// fetches ahead; and neighbours are sums of their own, so that an addition need not wait for the last one. The arithmetic is the same.
// NTL_SCALAR: the compiler may not vectorise it.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void matmul_reordered(const Product& p, float* /*scratch*/, const Team& /*team*/) {
  for (std::int64_t i = 0; i < p.m; ++i) {
    float* y = p.y + i * p.n;
    for (std::int64_t j = 0; j < p.n; ++j) y[j] = 0.0F;
    for (std::int64_t l = 0; l < p.k; ++l) {
      const float a = p.a[i * p.k + l];
      const float* b = p.b + l * p.n;
      for (std::int64_t j = 0; j < p.n; ++j) y[j] += a * b[j];
    }
  }
}

}  // namespace nautile::NTL_TARGET
