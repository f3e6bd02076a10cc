// What a rung of the ladder is given. A rung is one function
//
//   void matmul_naive(const Product& p, float* scratch, const Team& team)
//
// in a file of its own; beside it there may be matmul_naive_scratch(p), the floats of scratch memory that a thread of it needs.
// Rungs are called with whole tensors, row after row, that do not overlap; any extent may be 0. Only those named `threads` are
// given a team of more than one thread; on a GPU the team is the host thread that launches.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nautile/kernel.hpp"

namespace nautile::ladder {

// y = a b: a is m x k, b is k x n, y is m x n.
struct Product {
  const float* a;
  const float* b;
  float* y;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
};

// Pictures x [images, in, height, width], windows of 3 x 3 weights w [out, in, 3, 3], y [images, out, height, width]; outside of
// the picture there are zeros:
//   y[i, o, r, c] = sum over ch, dr, dc of w[o, ch, dr, dc] x[i, ch, r + dr - 1, c + dc - 1]
struct Convolution {
  const float* x;
  const float* w;
  float* y;
  std::int64_t images;
  std::int64_t in;
  std::int64_t out;
  std::int64_t height;
  std::int64_t width;
};

// q, k, v and y are [heads, length, kHead]: y = softmax(q k^T / sqrt(kHead)) v for each head.
constexpr std::int64_t kHead = 64;
constexpr float kScale = 0.125F;  // 1 / sqrt(kHead)
struct Attention {
  const float* q;
  const float* k;
  const float* v;
  float* y;
  std::int64_t heads;
  std::int64_t length;
};

// For the loops that measure a GPU: so many rounds over `floats` numbers.
struct Roof {
  const float* x;
  float* y;
  std::int64_t floats;
  std::int64_t rounds;
};

// Any of the four, as the C ABI hands it on.
struct Problem {
  const float* in[3];
  float* out;
  std::int64_t size[5];

  operator Product() const { return {in[0], in[1], out, size[0], size[1], size[2]}; }
  operator Convolution() const { return {in[0], in[1], out, size[0], size[1], size[2], size[3], size[4]}; }
  operator Attention() const { return {in[0], in[1], in[2], out, size[0], size[1]}; }
  operator Roof() const { return {in[0], out, size[0], size[1]}; }
};

// The rungs of one target, which cmake/NautileLadder.cmake lists.
struct Rung {
  const char* name;  // "matmul_naive"
  Kernel<Problem> kernel;
};
struct Rungs {
  const Rung* first;
  std::int64_t count;
};

}  // namespace nautile::ladder

#if defined(NTL_TARGET)
namespace nautile::NTL_TARGET {
using ladder::Attention;
using ladder::Convolution;
using ladder::kHead;
using ladder::kScale;
using ladder::Product;
using ladder::Roof;
}  // namespace nautile::NTL_TARGET
#endif
