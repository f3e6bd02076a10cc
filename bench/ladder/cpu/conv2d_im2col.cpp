// im2col and a product: each pixel's window is written as a column of a matrix; then y is the product of the weights, a matrix of
// `out` rows, with it, and all that was learnt about products holds. The price: the matrix is nine times the picture
// (K. Chellapilla, S. Puri and P. Simard 2006).
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void matmul_packed(const Product& p, float* scratch, const Team& team);
std::int64_t matmul_packed_scratch(const Product& p);

std::int64_t conv2d_im2col_scratch(const Convolution& p) {
  return p.in * 9 * p.height * p.width + matmul_packed_scratch(Product{});
}

void conv2d_im2col(const Convolution& p, float* scratch, const Team& team) {
  const std::int64_t pixels = p.height * p.width;
  for (std::int64_t i = 0; i < p.images; ++i) {
    float* column = scratch;
    for (std::int64_t ch = 0; ch < p.in; ++ch) {
      const float* x = p.x + (i * p.in + ch) * pixels;
      for (std::int64_t tap = 0; tap < 9; ++tap) {
        for (std::int64_t r = 0; r < p.height; ++r) {
          const std::int64_t row = r + tap / 3 - 1;
          const std::int64_t shift = tap % 3 - 1;
          const bool inside = row >= 0 && row < p.height;
          const std::int64_t begin = inside ? (shift < 0 ? 1 : 0) : p.width;  // columns that the shifted row has
          const std::int64_t end = shift > 0 ? p.width - 1 : p.width;
          for (std::int64_t c = 0; c < begin; ++c) column[c] = 0.0F;
          for (std::int64_t c = begin; c < end; ++c) column[c] = x[row * p.width + c + shift];
          for (std::int64_t c = end; c < p.width; ++c) column[c] = 0.0F;
          column += p.width;
        }
      }
    }
    const Product product{p.w, scratch, p.y + i * p.out * pixels, p.out, pixels, p.in * 9};
    matmul_packed(product, column, team);
  }
}

}  // namespace nautile::NTL_TARGET
