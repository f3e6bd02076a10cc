// Naive: the formula, one output after the other, with a look at each of the nine neighbours whether it is inside of the picture.
// Every number of x is loaded nine times for each output channel, and the additions wait for each other.
// NTL_SCALAR: the compiler may not vectorise it.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void conv2d_naive(const Convolution& p, float* /*scratch*/, const Team& /*team*/) {
  float* y = p.y;
  for (std::int64_t i = 0; i < p.images; ++i) {
    for (std::int64_t o = 0; o < p.out; ++o) {
      for (std::int64_t r = 0; r < p.height; ++r) {
        for (std::int64_t c = 0; c < p.width; ++c) {
          float sum = 0.0F;
          for (std::int64_t ch = 0; ch < p.in; ++ch) {
            const float* x = p.x + (i * p.in + ch) * p.height * p.width;
            const float* w = p.w + (o * p.in + ch) * 9;
            for (std::int64_t dr = 0; dr < 3; ++dr) {
              for (std::int64_t dc = 0; dc < 3; ++dc) {
                const std::int64_t row = r + dr - 1;
                const std::int64_t col = c + dc - 1;
                const bool inside = row >= 0 && row < p.height && col >= 0 && col < p.width;
                if (inside) sum += w[dr * 3 + dc] * x[row * p.width + col];
              }
            }
          }
          *y++ = sum;
        }
      }
    }
  }
}

}  // namespace nautile::NTL_TARGET
