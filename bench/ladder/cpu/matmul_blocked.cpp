// Blocked: before, each row of a went through all of b, which does not fit a cache and came from memory every time. Here all rows
// of a use a block of b (128 x 256 numbers, 128 KiB: the second-level cache) before the next block comes.
// NTL_SCALAR: the compiler may not vectorise it.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void matmul_blocked(const Product& p, float* /*scratch*/, const Team& /*team*/) {
  constexpr std::int64_t kDepth = 128;
  constexpr std::int64_t kWidth = 256;
  for (std::int64_t e = 0; e < p.m * p.n; ++e) p.y[e] = 0.0F;
  for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth) {
    const std::int64_t l1 = l0 + kDepth < p.k ? l0 + kDepth : p.k;
    for (std::int64_t j0 = 0; j0 < p.n; j0 += kWidth) {
      const std::int64_t j1 = j0 + kWidth < p.n ? j0 + kWidth : p.n;
      for (std::int64_t i = 0; i < p.m; ++i) {
        float* y = p.y + i * p.n;
        for (std::int64_t l = l0; l < l1; ++l) {
          const float a = p.a[i * p.k + l];
          const float* b = p.b + l * p.n;
          for (std::int64_t j = j0; j < j1; ++j) y[j] += a * b[j];
        }
      }
    }
  }
}

}  // namespace nautile::NTL_TARGET
