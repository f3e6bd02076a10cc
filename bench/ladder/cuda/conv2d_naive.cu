// Naive: a thread for each output, which goes through its window in every channel. Neighbouring threads are neighbouring pixels, so
// that reads are coalesced; but each number of x is loaded nine times for every output channel, and each weight for every pixel.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(256) conv2d_naive_by_element(Convolution p) {
  const std::int64_t pixels = p.height * p.width;
  for_items(p.images * p.out * pixels, [&](std::int64_t e) {
    const std::int64_t c = e % p.width;
    const std::int64_t r = e / p.width % p.height;
    const float* x = p.x + e / pixels / p.out * p.in * pixels;
    const float* w = p.w + e / pixels % p.out * p.in * 9;
    float sum = 0.0F;
    for (std::int64_t ch = 0; ch < p.in; ++ch, x += pixels, w += 9) {
      for (int tap = 0; tap < 9; ++tap) {
        const std::int64_t row = r + tap / 3 - 1;
        const std::int64_t col = c + tap % 3 - 1;
        const bool inside = row >= 0 && row < p.height && col >= 0 && col < p.width;
        if (inside) sum = fmaf(w[tap], x[row * p.width + col], sum);
      }
    }
    p.y[e] = sum;
  });
}

}  // namespace

void conv2d_naive(const Convolution& p, float* /*scratch*/, const Team& team) {
  const std::int64_t items = p.images * p.out * p.height * p.width;
  NTL_LAUNCH(conv2d_naive_by_element, blocks_for(items, 256), dim3(256), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
