// Direct: no matrix. A tile of y, 6 output channels by 2 vectors of neighbouring pixels, stays in registers while the nine shifted
// vectors of each channel of x pass by: x comes from the cache, where a copy of the picture with a border of zeros lies, so that
// no pixel has to be looked at for being inside.
#include "ladder.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kTile = 2 * kLanes;  // pixels

std::int64_t padded_width(const Convolution& p) { return ceil_div(p.width, kTile) * kTile + 2; }

// kOut channels of y from o on, a row of them, at pixels c to c + kTile.
template <std::int64_t kOut>
void tile(const Convolution& p, const float* padded, std::int64_t o, std::int64_t r, std::int64_t c, float* y) {
  Vec sum[kOut][2] = {};
  const std::int64_t stride = padded_width(p);
  for (std::int64_t ch = 0; ch < p.in; ++ch) {
    const float* x = padded + (ch * (p.height + 2) + r) * stride + c;
    const float* w = p.w + (o * p.in + ch) * 9;
    for (std::int64_t tap = 0; tap < 9; ++tap) {
      const float* x_tap = x + tap / 3 * stride + tap % 3;
      const Vec x0 = load(x_tap);
      const Vec x1 = load(x_tap + kLanes);
#pragma GCC unroll 6
      for (std::int64_t k = 0; k < kOut; ++k) {
        const Vec weight = splat(w[k * p.in * 9 + tap]);
        sum[k][0] += weight * x0;
        sum[k][1] += weight * x1;
      }
    }
  }
  const std::int64_t left = p.width - c < kLanes ? p.width - c : kLanes;
  const std::int64_t right = p.width - c - left < kLanes ? p.width - c - left : kLanes;
#pragma GCC unroll 6
  for (std::int64_t k = 0; k < kOut; ++k) {
    float* to = y + ((o + k) * p.height + r) * p.width + c;
    store(to, sum[k][0], left);
    store(to + kLanes, sum[k][1], right);
  }
}

}  // namespace

std::int64_t conv2d_direct_scratch(const Convolution& p) { return p.in * (p.height + 2) * padded_width(p); }

void conv2d_direct(const Convolution& p, float* scratch, const Team& /*team*/) {
  const std::int64_t stride = padded_width(p);
  for (std::int64_t i = 0; i < p.images; ++i) {
    for (std::int64_t e = 0; e < conv2d_direct_scratch(p); ++e) scratch[e] = 0.0F;
    for (std::int64_t row = 0; row < p.in * p.height; ++row) {
      const float* x = p.x + (i * p.in * p.height + row) * p.width;
      float* inside = scratch + (row + 2 * (row / p.height) + 1) * stride + 1;
      for (std::int64_t c = 0; c < p.width; ++c) inside[c] = x[c];
    }
    float* y = p.y + i * p.out * p.height * p.width;
    std::int64_t o = 0;
    for (; o + 6 <= p.out; o += 6) {
      for (std::int64_t r = 0; r < p.height; ++r) {
        for (std::int64_t c = 0; c < p.width; c += kTile) tile<6>(p, scratch, o, r, c, y);
      }
    }
    for (; o < p.out; ++o) {
      for (std::int64_t r = 0; r < p.height; ++r) {
        for (std::int64_t c = 0; c < p.width; c += kTile) tile<1>(p, scratch, o, r, c, y);
      }
    }
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
