// Winograd: fewer multiplications. From 4 x 4 pixels, transformed by additions alone, 16 products with transformed weights give
// 2 x 2 outputs, where the formula takes 36. The sums over channels become 16 products of matrices. Rounding errors are a few
// times larger (A. Lavin and S. Gray 2016).
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void matmul_packed(const Product& p, float* scratch, const Team& team);
std::int64_t matmul_packed_scratch(const Product& p);

namespace {

std::int64_t squares(const Convolution& p) { return ceil_div(p.height, 2) * ceil_div(p.width, 2); }

// u[16][out][in]: G w G^T with G = (1 0 0, 1/2 1/2 1/2, 1/2 -1/2 1/2, 0 0 1).
void transform_weights(const Convolution& p, float* u) {
  for (std::int64_t e = 0; e < p.out * p.in; ++e) {
    const float* w = p.w + e * 9;
    float g[4][3];
    for (int c = 0; c < 3; ++c) {
      g[0][c] = w[c];
      g[1][c] = 0.5F * (w[c] + w[3 + c] + w[6 + c]);
      g[2][c] = 0.5F * (w[c] - w[3 + c] + w[6 + c]);
      g[3][c] = w[6 + c];
    }
    for (int r = 0; r < 4; ++r) {
      float* to = u + 4 * r * p.out * p.in + e;
      to[0] = g[r][0];
      to[p.out * p.in] = 0.5F * (g[r][0] + g[r][1] + g[r][2]);
      to[2 * p.out * p.in] = 0.5F * (g[r][0] - g[r][1] + g[r][2]);
      to[3 * p.out * p.in] = g[r][2];
    }
  }
}

// v[16][in][squares]: B^T x B of the 4 x 4 pixels around each square, B^T = (1 0 -1 0, 0 1 1 0, 0 -1 1 0, 0 1 0 -1).
void transform_pixels(const Convolution& p, const float* x, float* v) {
  const std::int64_t step = p.in * squares(p);
  for (std::int64_t ch = 0; ch < p.in; ++ch, x += p.height * p.width) {
    for (std::int64_t r = -1; r < p.height - 1; r += 2) {
      for (std::int64_t c = -1; c < p.width - 1; c += 2, ++v) {
        float d[4][4];
        for (int k = 0; k < 16; ++k) {
          const std::int64_t row = r + k / 4;
          const std::int64_t col = c + k % 4;
          const bool inside = row >= 0 && row < p.height && col >= 0 && col < p.width;
          d[k / 4][k % 4] = inside ? x[row * p.width + col] : 0.0F;
        }
        float t[4][4];
        for (int k = 0; k < 4; ++k) {
          t[0][k] = d[0][k] - d[2][k];
          t[1][k] = d[1][k] + d[2][k];
          t[2][k] = d[2][k] - d[1][k];
          t[3][k] = d[1][k] - d[3][k];
        }
        for (int k = 0; k < 4; ++k) {
          v[(4 * k + 0) * step] = t[k][0] - t[k][2];
          v[(4 * k + 1) * step] = t[k][1] + t[k][2];
          v[(4 * k + 2) * step] = t[k][2] - t[k][1];
          v[(4 * k + 3) * step] = t[k][1] - t[k][3];
        }
      }
    }
  }
}

// y: A^T m A of m[16][out][squares], A^T = (1 1 1 0, 0 1 -1 -1).
void transform_back(const Convolution& p, const float* m, float* y) {
  const std::int64_t step = p.out * squares(p);
  for (std::int64_t o = 0; o < p.out; ++o, y += p.height * p.width) {
    for (std::int64_t r = 0; r < p.height; r += 2) {
      for (std::int64_t c = 0; c < p.width; c += 2, ++m) {
        float t[2][4];
        for (int k = 0; k < 4; ++k) {
          t[0][k] = m[k * step] + m[(4 + k) * step] + m[(8 + k) * step];
          t[1][k] = m[(4 + k) * step] - m[(8 + k) * step] - m[(12 + k) * step];
        }
        for (int k = 0; k < 2 && r + k < p.height; ++k) {
          y[(r + k) * p.width + c] = t[k][0] + t[k][1] + t[k][2];
          if (c + 1 < p.width) y[(r + k) * p.width + c + 1] = t[k][1] - t[k][2] - t[k][3];
        }
      }
    }
  }
}

}  // namespace

std::int64_t conv2d_winograd_scratch(const Convolution& p) {
  return 16 * (p.out * p.in + (p.in + p.out) * squares(p)) + matmul_packed_scratch(Product{});
}

void conv2d_winograd(const Convolution& p, float* scratch, const Team& team) {
  float* u = scratch;
  float* v = u + 16 * p.out * p.in;
  float* m = v + 16 * p.in * squares(p);
  transform_weights(p, u);
  for (std::int64_t i = 0; i < p.images; ++i) {
    transform_pixels(p, p.x + i * p.in * p.height * p.width, v);
    for (std::int64_t k = 0; k < 16; ++k) {
      const Product product{
          u + k * p.out * p.in, v + k * p.in * squares(p), m + k * p.out * squares(p), p.out, squares(p), p.in};
      matmul_packed(product, m + 16 * p.out * squares(p), team);
    }
    transform_back(p, m, p.y + i * p.out * p.height * p.width);
  }
}

}  // namespace nautile::NTL_TARGET
