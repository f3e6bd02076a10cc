// Winograd: fewer multiplications. From 4 x 4 pixels, transformed by additions alone, 16 products with transformed weights give
// 2 x 2 outputs, where the formula takes 36. The sums over channels become 16 products of matrices. Rounding errors are a few
// times larger (A. Lavin and S. Gray 2016).
#include "ladder.hpp"
#include "nautile/target_begin.hpp"

namespace nautile::NTL_TARGET {

void matmul_packed(const Product& p, float* scratch, const Team& team);
std::int64_t matmul_packed_scratch(const Product& p);

namespace {

std::int64_t squares(const Convolution& p) { return ceil_div(p.height, 2) * ceil_div(p.width, 2); }
std::int64_t room_size(const Convolution& p) {
  return (2 * ceil_div(p.height, 2) + 6) * (2 * ceil_div(p.width, 2) + 2);
}

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

// v[16][in][squares]: B^T x B of the 4 x 4 pixels around each square, B^T = (1 0 -1 0, 0 1 1 0, 0 -1 1 0, 0 1 0 -1). First down the
// columns, for a whole row of squares, then along it. `room` holds a channel with zeros around it and four rows more.
void transform_pixels(const Convolution& p, const float* x, float* __restrict v, float* __restrict room) {
  const std::int64_t step = p.in * squares(p);
  const std::int64_t across = ceil_div(p.width, 2);
  const std::int64_t stride = 2 * across + 2;
  float* const t = room + stride * (2 * ceil_div(p.height, 2) + 2);
  for (std::int64_t e = 0; e < room_size(p); ++e) room[e] = 0.0F;
  for (std::int64_t ch = 0; ch < p.in; ++ch, x += p.height * p.width) {
    for (std::int64_t r = 0; r < p.height; ++r) {
      for (std::int64_t c = 0; c < p.width; ++c) room[(r + 1) * stride + c + 1] = x[r * p.width + c];
    }
    for (std::int64_t r = 0; r < p.height; r += 2, v += across) {
      const float* d = room + r * stride;
      for (std::int64_t c = 0; c < stride; ++c) {
        t[c] = d[c] - d[2 * stride + c];
        t[stride + c] = d[stride + c] + d[2 * stride + c];
        t[2 * stride + c] = d[2 * stride + c] - d[stride + c];
        t[3 * stride + c] = d[stride + c] - d[3 * stride + c];
      }
      for (std::int64_t k = 0; k < 4; ++k) {
        const float* row = t + k * stride;
        float* to = v + 4 * k * step;
        for (std::int64_t c = 0; c < across; ++c) {
          to[c] = row[2 * c] - row[2 * c + 2];
          to[step + c] = row[2 * c + 1] + row[2 * c + 2];
          to[2 * step + c] = row[2 * c + 2] - row[2 * c + 1];
          to[3 * step + c] = row[2 * c + 1] - row[2 * c + 3];
        }
      }
    }
  }
}

// y: A^T m A of m[16][out][squares], A^T = (1 1 1 0, 0 1 -1 -1).
void transform_back(const Convolution& p, const float* __restrict m, float* __restrict y, float* __restrict t) {
  const std::int64_t step = p.out * squares(p);
  const std::int64_t across = ceil_div(p.width, 2);
  for (std::int64_t o = 0; o < p.out; ++o, y += p.height * p.width) {
    for (std::int64_t r = 0; r < p.height; r += 2, m += across) {
      for (std::int64_t k = 0; k < 4; ++k) {
        const float* from = m + k * step;
        for (std::int64_t c = 0; c < across; ++c) {
          const float middle = from[4 * step + c];
          t[k * across + c] = from[c] + middle + from[8 * step + c];
          t[(4 + k) * across + c] = middle - from[8 * step + c] - from[12 * step + c];
        }
      }
      for (std::int64_t k = 0; k < 2 && r + k < p.height; ++k) {
        const float* from = t + 4 * k * across;
        float* to = y + (r + k) * p.width;
        for (std::int64_t c = 0; c < p.width / 2; ++c) {
          to[2 * c] = from[c] + from[across + c] + from[2 * across + c];
          to[2 * c + 1] = from[across + c] - from[2 * across + c] - from[3 * across + c];
        }
        const std::int64_t last = across - 1;
        if (p.width % 2 != 0) to[2 * last] = from[last] + from[across + last] + from[2 * across + last];
      }
    }
  }
}

}  // namespace

std::int64_t conv2d_winograd_scratch(const Convolution& p) {
  return 16 * (p.out * p.in + (p.in + p.out) * squares(p)) + room_size(p) + matmul_packed_scratch(Product{});
}

void conv2d_winograd(const Convolution& p, float* scratch, const Team& team) {
  float* u = scratch;
  float* v = u + 16 * p.out * p.in;
  float* m = v + 16 * p.in * squares(p);
  float* room = m + 16 * p.out * squares(p);
  transform_weights(p, u);
  for (std::int64_t i = 0; i < p.images; ++i) {
    transform_pixels(p, p.x + i * p.in * p.height * p.width, v, room);
    for (std::int64_t k = 0; k < 16; ++k) {
      const Product product{
          u + k * p.out * p.in, v + k * p.in * squares(p), m + k * p.out * squares(p), p.out, squares(p), p.in};
      matmul_packed(product, room + room_size(p), team);
    }
    transform_back(p, m, p.y + i * p.out * p.height * p.width, room);
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
