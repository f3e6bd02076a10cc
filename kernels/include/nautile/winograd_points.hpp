// Winograd's minimal filtering of 3 x 3 pixels (Lavin and Gray 2016, arXiv:1509.09308): squares of 4 x 4 results are computed
// from the 6 x 6 pixels that they gather, which are transformed to 36 points, as the weights are. At each point a product of
// matrices, squares by channels, is all that is left. Points 0, 1, -1, 1/2, -2 and infinity: about half the error of 0, 1, -1,
// 2, -2.
//
// T: a vector of the processor, or a float of a GPU. Included after conv_gather.hpp and, for the processor, vec.hpp.
#pragma once

namespace nautile::NTL_TARGET {
namespace {

constexpr int kSide = 4;                    // results of a square
constexpr int kWindow = 6;                  // pixels that they gather
constexpr int kPoints = kWindow * kWindow;  // of a transformed window

// a x + y, rounded once where the target can.
#if defined(NTL_ISA)
inline Vec multiply_add(float a, Vec x, Vec y) { return a * x + y; }
#else
NTL_HOST_DEVICE inline float multiply_add(float a, float x, float y) { return fmaf(a, x, y); }
#endif

// B^T d: from six pixels beside each other to the six points.
template <typename T>
NTL_HOST_DEVICE inline void pixels_to_points(T (&d)[kWindow]) {
  const T u = d[4] - d[2];
  const T v = d[3] - d[1];
  const T sum = d[3] + d[2];
  const T difference = d[3] - d[2];
  const T first = d[0] - d[2] + u;
  const T last = d[5] - d[3] - v;
  d[0] = multiply_add(1.5F, v, first);
  d[1] = multiply_add(1.5F, sum, u + v);
  d[2] = multiply_add(1.5F, difference, u - v);
  d[3] = multiply_add(2.0F, v, u);
  d[4] = multiply_add(-0.5F, v, u);
  d[5] = multiply_add(1.5F, u, last);
}

// G g: from three weights to the six points.
template <typename T>
NTL_HOST_DEVICE inline void weights_to_points(const T (&g)[3], T (&out)[kWindow]) {
  const T ends = g[0] + g[2];
  out[0] = g[0];
  out[1] = (ends + g[1]) * (1.0F / 3.0F);
  out[2] = (ends - g[1]) * (-1.0F / 3.0F);
  out[3] = multiply_add(0.25F, g[2], multiply_add(0.5F, g[1], g[0])) * (-16.0F / 15.0F);
  out[4] = multiply_add(4.0F, g[2], multiply_add(-2.0F, g[1], g[0])) * (1.0F / 15.0F);
  out[5] = g[2];
}

// A^T m: from the six points to four results beside each other.
template <typename T>
NTL_HOST_DEVICE inline void points_to_results(const T (&m)[kWindow], T (&out)[kSide]) {
  const T sum = m[1] + m[2];
  const T difference = m[1] - m[2];
  out[0] = m[0] + sum + m[3] + m[4];
  out[1] = multiply_add(-2.0F, m[4], multiply_add(0.5F, m[3], difference));
  out[2] = multiply_add(4.0F, m[4], multiply_add(0.25F, m[3], sum));
  out[3] = multiply_add(-8.0F, m[4], multiply_add(0.125F, m[3], difference)) + m[5];
}

// Whether the pixels along an axis may be cut into squares: three taps, of neighbours, for results that are neighbours.
inline bool in_squares(const GatherAxis& a) {
  return a.taps == 3 && a.tap_step * a.tap_step == 1 && a.step == 1 && a.move == 1 && a.place_step == 1;
}

// Whether so many squares take less time than sums of 9 products: transforming the weights takes as long as 32 squares, and
// transforming the pixels and results a third of the products.
inline bool worth_squares(const Gather& g, std::int64_t squares) {
  return kPoints * (squares + 32) * 4 / 3 < 9 * g.pixels();
}

}  // namespace
}  // namespace nautile::NTL_TARGET
