// Packed: blocks of a and b are first copied in the order in which the tile reads them, with zeros at the edges. Then every load
// is of the next address: no row of b begins in another page, no two rows fall on the same place of the cache, and no edge needs
// a special case. A block of b, 256 x 512 numbers, is copied once for all rows (K. Goto and R. van de Geijn 2008).
#include "ladder.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kDepth = 256;
constexpr std::int64_t kWidth = 512;
constexpr std::int64_t kRows = 6;
constexpr std::int64_t kTile = 2 * kLanes;

std::int64_t lesser(std::int64_t x, std::int64_t y) { return x < y ? x : y; }

// Element (r, c) of a block goes to out[r, c] of strips that are `tile` wide.
void pack(const float* x, std::int64_t row, std::int64_t col, std::int64_t rows, std::int64_t cols, std::int64_t tile,
          float* out) {
  for (std::int64_t c0 = 0; c0 < cols; c0 += tile) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = c0; c < c0 + tile; ++c) *out++ = c < cols ? x[r * row + c * col] : 0.0F;
    }
  }
}

void tile(const float* a, const float* b, std::int64_t depth, float* y, std::int64_t n, std::int64_t rows,
          std::int64_t cols) {
  Vec sum[kRows][2] = {};
  for (std::int64_t l = 0; l < depth; ++l, a += kRows, b += kTile) {
#pragma GCC unroll 6
    for (std::int64_t r = 0; r < kRows; ++r) {
      sum[r][0] += splat(a[r]) * load(b);
      sum[r][1] += splat(a[r]) * load(b + kLanes);
    }
  }
  const std::int64_t left = lesser(cols, kLanes);
  const std::int64_t right = lesser(cols - left, kLanes);
#pragma GCC unroll 6
  for (std::int64_t r = 0; r < kRows; ++r, y += n) {
    if (r >= rows) break;
    store(y, load(y, left) + sum[r][0], left);
    store(y + kLanes, load(y + kLanes, right) + sum[r][1], right);
  }
}

}  // namespace

std::int64_t matmul_packed_scratch(const Product& /*p*/) { return kDepth * (kWidth + kRows); }

void matmul_packed(const Product& p, float* scratch, const Team& /*team*/) {
  float* strip = scratch + kDepth * kWidth;  // of a
  for (std::int64_t e = 0; e < p.m * p.n; ++e) p.y[e] = 0.0F;
  for (std::int64_t l = 0; l < p.k; l += kDepth) {
    const std::int64_t depth = lesser(kDepth, p.k - l);
    for (std::int64_t j0 = 0; j0 < p.n; j0 += kWidth) {
      const std::int64_t width = lesser(kWidth, p.n - j0);
      pack(p.b + l * p.n + j0, p.n, 1, depth, width, kTile, scratch);
      for (std::int64_t i = 0; i < p.m; i += kRows) {
        const std::int64_t rows = lesser(kRows, p.m - i);
        pack(p.a + i * p.k + l, 1, p.k, depth, rows, kRows, strip);
        for (std::int64_t j = 0; j < width; j += kTile) {
          tile(strip, scratch + j * depth, depth, p.y + i * p.n + j0 + j, p.n, rows, width - j);
        }
      }
    }
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
