// Registers: a tile of y, 6 rows by 2 vectors, stays in 12 registers for a block of k. Per step 2 vectors of b and 6 numbers of a
// are loaded for 12 multiply-adds, and nothing is stored; the 12 sums do not wait for each other, which hides the 4 cycles that a
// multiply-add takes.
#include "ladder.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kDepth = 256;
constexpr std::int64_t kTile = 2 * kLanes;  // columns

// Adds to kRows rows of y the product of as many rows of a and a strip of b, of which the last one may be narrow.
template <std::int64_t kRows>
void tile(const Product& p, std::int64_t i, std::int64_t j, std::int64_t l0, std::int64_t l1) {
  const std::int64_t left = p.n - j < kLanes ? p.n - j : kLanes;
  const std::int64_t right = p.n - j - left < kLanes ? p.n - j - left : kLanes;
  const bool whole = left + right == kTile;
  Vec sum[kRows][2] = {};
  for (std::int64_t l = l0; l < l1; ++l) {
    const float* b = p.b + l * p.n + j;
    const Vec b0 = whole ? load(b) : load(b, left);
    const Vec b1 = whole ? load(b + kLanes) : load(b + kLanes, right);
#pragma GCC unroll 6
    for (std::int64_t r = 0; r < kRows; ++r) {
      const Vec a = splat(p.a[(i + r) * p.k + l]);
      sum[r][0] += a * b0;
      sum[r][1] += a * b1;
    }
  }
#pragma GCC unroll 6
  for (std::int64_t r = 0; r < kRows; ++r) {
    float* y = p.y + (i + r) * p.n + j;
    store(y, load(y, left) + sum[r][0], left);
    store(y + kLanes, load(y + kLanes, right) + sum[r][1], right);
  }
}

}  // namespace

void matmul_registers(const Product& p, float* /*scratch*/, const Team& /*team*/) {
  for (std::int64_t e = 0; e < p.m * p.n; ++e) p.y[e] = 0.0F;
  for (std::int64_t l = 0; l < p.k; l += kDepth) {
    const std::int64_t end = l + kDepth < p.k ? l + kDepth : p.k;
    for (std::int64_t j = 0; j < p.n; j += kTile) {
      std::int64_t i = 0;
      for (; i + 6 <= p.m; i += 6) tile<6>(p, i, j, l, end);
      for (; i < p.m; ++i) tile<1>(p, i, j, l, end);
    }
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
