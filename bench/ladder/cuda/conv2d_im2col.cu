// im2col and a product: the window of each pixel of all images becomes a column of a matrix, the weights are a matrix anyway, and the
// pipelined product of the other ladder multiplies them. The price is memory: the matrix is nine times the pictures, is written,
// and is read for every 128 output channels; and the product's rows are channels of all images, which a third kernel puts where they
// belong.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {

void matmul_pipelined(const Product& p, float* scratch, const Team& team);

namespace {

// column[ch * 9 + tap][image * pixels + pixel]
__global__ void __launch_bounds__(256) conv2d_im2col_unfold(Convolution p, float* column) {
  const std::int64_t pixels = p.height * p.width;
  for_items(p.in * 9 * p.images * pixels, [&](std::int64_t e) {
    const std::int64_t pixel = e % pixels;
    const std::int64_t image = e / pixels % p.images;
    const std::int64_t tap = e / pixels / p.images % 9;
    const std::int64_t ch = e / pixels / p.images / 9;
    const std::int64_t row = pixel / p.width + tap / 3 - 1;
    const std::int64_t col = pixel % p.width + tap % 3 - 1;
    const bool inside = row >= 0 && row < p.height && col >= 0 && col < p.width;
    column[e] = inside ? p.x[((image * p.in + ch) * p.height + row) * p.width + col] : 0.0F;
  });
}

// y[image][o][pixel] from product[o][image][pixel].
__global__ void __launch_bounds__(256) conv2d_im2col_reorder(Convolution p, const float* product) {
  const std::int64_t pixels = p.height * p.width;
  for_items(p.images * p.out * pixels, [&](std::int64_t e) {
    const std::int64_t image = e / pixels / p.out;
    const std::int64_t o = e / pixels % p.out;
    p.y[e] = product[(o * p.images + image) * pixels + e % pixels];
  });
}

}  // namespace

std::int64_t conv2d_im2col_scratch(const Convolution& p) { return (p.in * 9 + p.out) * p.images * p.height * p.width; }

void conv2d_im2col(const Convolution& p, float* scratch, const Team& team) {
  const std::int64_t columns = p.images * p.height * p.width;
  float* const product = scratch + p.in * 9 * columns;
  NTL_LAUNCH(conv2d_im2col_unfold, blocks_for(p.in * 9 * columns, 256), dim3(256), 0, stream_of(team), p, scratch);
  matmul_pipelined({p.w, scratch, product, p.out, columns, p.in * 9}, nullptr, team);
  NTL_LAUNCH(conv2d_im2col_reorder, blocks_for(p.out * columns, 256), dim3(256), 0, stream_of(team), p, product);
}

}  // namespace nautile::NTL_TARGET
