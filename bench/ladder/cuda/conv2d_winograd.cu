// Winograd: fewer multiplications. From 4 x 4 pixels, transformed by additions alone, 16 products with transformed weights give
// 2 x 2 outputs, where the formula takes 36. The sums over channels are 16 products of matrices. Three kernels more, and matrices
// that are four times the pictures, are the price (A. Lavin and S. Gray 2016).
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {

void matmul_pipelined(const Product& p, float* scratch, const Team& team);

namespace {

__host__ __device__ std::int64_t squares(const Convolution& p) {
  return p.images * ((p.height + 1) / 2) * ((p.width + 1) / 2);
}

// u[16][out][in]: G w G^T with G = (1 0 0, 1/2 1/2 1/2, 1/2 -1/2 1/2, 0 0 1).
__global__ void __launch_bounds__(256) conv2d_winograd_weights(Convolution p, float* u) {
  for_items(p.out * p.in, [&](std::int64_t e) {
    const float* w = p.w + e * 9;
    float g[4][3];
    for (int c = 0; c < 3; ++c) {
      g[0][c] = w[c];
      g[1][c] = 0.5F * (w[c] + w[3 + c] + w[6 + c]);
      g[2][c] = 0.5F * (w[c] - w[3 + c] + w[6 + c]);
      g[3][c] = w[6 + c];
    }
    const std::int64_t step = p.out * p.in;
    for (int r = 0; r < 4; ++r) {
      u[(4 * r + 0) * step + e] = g[r][0];
      u[(4 * r + 1) * step + e] = 0.5F * (g[r][0] + g[r][1] + g[r][2]);
      u[(4 * r + 2) * step + e] = 0.5F * (g[r][0] - g[r][1] + g[r][2]);
      u[(4 * r + 3) * step + e] = g[r][2];
    }
  });
}

// v[16][in][squares]: B^T x B of the 4 x 4 pixels around each square, B^T = (1 0 -1 0, 0 1 1 0, 0 -1 1 0, 0 1 0 -1).
__global__ void __launch_bounds__(256) conv2d_winograd_pixels(Convolution p, float* v) {
  const std::int64_t across = (p.width + 1) / 2;
  const std::int64_t down = (p.height + 1) / 2;
  for_items(p.in * squares(p), [&](std::int64_t e) {
    const std::int64_t c = e % across * 2 - 1;
    const std::int64_t r = e / across % down * 2 - 1;
    const std::int64_t image = e / across / down % p.images;
    const float* x = p.x + (image * p.in + e / squares(p)) * p.height * p.width;
    float d[4][4];
    NTL_UNROLL
    for (int k = 0; k < 16; ++k) {
      const std::int64_t row = r + k / 4;
      const std::int64_t col = c + k % 4;
      const bool inside = row >= 0 && row < p.height && col >= 0 && col < p.width;
      d[k / 4][k % 4] = inside ? x[row * p.width + col] : 0.0F;
    }
    float t[4][4];
    NTL_UNROLL
    for (int k = 0; k < 4; ++k) {
      t[0][k] = d[0][k] - d[2][k];
      t[1][k] = d[1][k] + d[2][k];
      t[2][k] = d[2][k] - d[1][k];
      t[3][k] = d[1][k] - d[3][k];
    }
    const std::int64_t step = p.in * squares(p);
    NTL_UNROLL
    for (int k = 0; k < 4; ++k) {
      v[(4 * k + 0) * step + e] = t[k][0] - t[k][2];
      v[(4 * k + 1) * step + e] = t[k][1] + t[k][2];
      v[(4 * k + 2) * step + e] = t[k][2] - t[k][1];
      v[(4 * k + 3) * step + e] = t[k][1] - t[k][3];
    }
  });
}

// y: A^T m A of m[16][out][squares], A^T = (1 1 1 0, 0 1 -1 -1).
__global__ void __launch_bounds__(256) conv2d_winograd_back(Convolution p, const float* m) {
  const std::int64_t across = (p.width + 1) / 2;
  const std::int64_t down = (p.height + 1) / 2;
  for_items(p.out * squares(p), [&](std::int64_t e) {
    const std::int64_t c = e % across * 2;
    const std::int64_t r = e / across % down * 2;
    const std::int64_t image = e / across / down % p.images;
    float* y = p.y + (image * p.out + e / squares(p)) * p.height * p.width;
    const std::int64_t step = p.out * squares(p);
    float t[2][4];
    NTL_UNROLL
    for (int k = 0; k < 4; ++k) {
      t[0][k] = m[k * step + e] + m[(4 + k) * step + e] + m[(8 + k) * step + e];
      t[1][k] = m[(4 + k) * step + e] - m[(8 + k) * step + e] - m[(12 + k) * step + e];
    }
    NTL_UNROLL
    for (int k = 0; k < 2; ++k) {
      if (r + k >= p.height) continue;
      y[(r + k) * p.width + c] = t[k][0] + t[k][1] + t[k][2];
      if (c + 1 < p.width) y[(r + k) * p.width + c + 1] = t[k][1] - t[k][2] - t[k][3];
    }
  });
}

}  // namespace

std::int64_t conv2d_winograd_scratch(const Convolution& p) { return 16 * (p.out * p.in + (p.in + p.out) * squares(p)); }

void conv2d_winograd(const Convolution& p, float* scratch, const Team& team) {
  const std::int64_t count = squares(p);
  float* const u = scratch;
  float* const v = u + 16 * p.out * p.in;
  float* const m = v + 16 * p.in * count;
  NTL_LAUNCH(conv2d_winograd_weights, blocks_for(p.out * p.in, 256), dim3(256), 0, stream_of(team), p, u);
  NTL_LAUNCH(conv2d_winograd_pixels, blocks_for(p.in * count, 256), dim3(256), 0, stream_of(team), p, v);
  for (std::int64_t k = 0; k < 16; ++k) {
    matmul_pipelined({u + k * p.out * p.in, v + k * p.in * count, m + k * p.out * count, p.out, count, p.in}, nullptr,
                     team);
  }
  NTL_LAUNCH(conv2d_winograd_back, blocks_for(p.out * count, 256), dim3(256), 0, stream_of(team), p, m);
}

}  // namespace nautile::NTL_TARGET
