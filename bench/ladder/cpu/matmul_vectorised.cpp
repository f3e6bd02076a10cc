// Vectorised: the same loops over blocks, but one instruction multiplies and adds 4, 8 or 16 neighbours at once (SSE, AVX2,
// AVX-512). What limits it now: for each multiply-add a vector of b and one of y are loaded, and y is stored again.
#include "ladder.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {

void matmul_vectorised(const Product& p, float* /*scratch*/, const Team& /*team*/) {
  constexpr std::int64_t kDepth = 128;
  constexpr std::int64_t kWidth = 256;
  for (std::int64_t e = 0; e < p.m * p.n; ++e) p.y[e] = 0.0F;
  for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth) {
    const std::int64_t l1 = l0 + kDepth < p.k ? l0 + kDepth : p.k;
    for (std::int64_t j0 = 0; j0 < p.n; j0 += kWidth) {
      const std::int64_t width = j0 + kWidth < p.n ? kWidth : p.n - j0;
      for (std::int64_t i = 0; i < p.m; ++i) {
        float* y = p.y + i * p.n + j0;
        for (std::int64_t l = l0; l < l1; ++l) {
          const Vec a = splat(p.a[i * p.k + l]);
          const float* b = p.b + l * p.n + j0;
          std::int64_t j = 0;
          for (; j + kLanes <= width; j += kLanes) store(y + j, load(y + j) + a * load(b + j));
          if (j < width) store(y + j, load(y + j, width - j) + a * load(b + j, width - j), width - j);
        }
      }
    }
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
