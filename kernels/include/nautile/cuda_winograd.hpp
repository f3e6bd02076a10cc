// Gathers of 3 x 3 pixels by CUDA with a quarter of the products: winograd_points.hpp.
//
// The products at each point are those of cuda_conv.hpp. The gradient by the weights is the adjoint: dy is transformed as the
// results are, transposed, and the sums over all squares become weights at the end. Squares are worked on in blocks whose points
// stay in a second-level cache.
//
// Transforms have a thread for each square and channel, or pair of channels, in blocks of kThreads, and no shared memory. The
// order of sums depends on the shape alone.
#pragma once

#include "nautile/cuda_conv.hpp"
#include "nautile/winograd_points.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kPointFloats = 12 << 20;  // of the squares of a block, on both sides: 48 MiB
constexpr std::int64_t kFewChannels = 64;        // with fewer, transforming takes longer than it saves

// A y: the transpose of points_to_results, from four of dy beside each other to the six points.
__device__ inline void results_to_points(const float (&y)[kSide], float (&out)[kWindow]) {
  const float even = y[0] + y[2];
  const float odd = y[1] + y[3];
  out[0] = y[0];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = fmaf(0.125F, y[3], fmaf(0.25F, y[2], fmaf(0.5F, y[1], y[0])));
  out[4] = fmaf(-8.0F, y[3], fmaf(4.0F, y[2], fmaf(-2.0F, y[1], y[0])));
  out[5] = y[3];
}

// G^T m: the transpose of weights_to_points, from the six points to the gradients by three weights.
__device__ inline void points_to_weights(const float (&m)[kWindow], float (&out)[3]) {
  const float sum = (m[1] + m[2]) * (1.0F / 3.0F);
  const float difference = (m[1] - m[2]) * (1.0F / 3.0F);
  const float half = m[3] * (-16.0F / 15.0F);
  const float two = m[4] * (1.0F / 15.0F);
  out[0] = m[0] + difference + half + two;
  out[1] = fmaf(-2.0F, two, fmaf(0.5F, half, sum));
  out[2] = fmaf(4.0F, two, fmaf(0.25F, half, difference)) + m[5];
}

// ------------------------------------------------------------------------------------------------ how it is cut

// Follows from the shape.
struct Squares {
  std::int64_t down;    // squares of a picture
  std::int64_t across;  //
  std::int64_t count;   // of all pictures
  std::int64_t block;   // worked on at a time
};
inline Squares squares_of(const Gather& g) {
  Squares s{ceil_div(g.down.results, kSide), ceil_div(g.across.results, kSide), 0, 0};
  s.count = g.n * s.down * s.across;
  constexpr std::int64_t kWhole = 128;  // the height of a tile
  s.block = kPointFloats / (kPoints * (g.depth + g.width)) / kWhole * kWhole;
  if (s.block < kWhole) s.block = kWhole;
  if (s.block > s.count) s.block = s.count;
  return s;
}

// Whether that is allowed, and takes less time.
inline bool in_squares(const Gather& g) {
  if (g.groups != 1 || !in_squares(g.down) || !in_squares(g.across) || !in_32_bits(g)) return false;
  if (g.depth % kFour != 0 || g.width % kFour != 0 || g.algorithm == ConvAlgorithm::kDirect) return false;
  const std::int64_t squares = squares_of(g).count;
  if (squares == 0 || squares > INT32_MAX / kPoints / (g.depth + g.width)) return false;
  if (g.algorithm == ConvAlgorithm::kWinograd) return true;
  return g.depth >= kFewChannels && g.width >= kFewChannels && worth_squares(g, squares);
}

// Floats of the transformed weights, and of a block of squares on both sides.
inline std::int64_t point_floats(const Gather& g) { return kPoints * g.depth * g.width; }
inline std::int64_t square_floats(const Gather& g) { return kPoints * squares_of(g).block * (g.depth + g.width); }

// ------------------------------------------------------------------------------------------------ the transforms

struct Corner {
  std::int64_t image;
  int row;
  int col;
};
__device__ inline Corner corner_of(const Squares& s, unsigned square) {
  const auto down = static_cast<unsigned>(s.down);
  const auto across = static_cast<unsigned>(s.across);
  return {square / across / down, static_cast<int>(square / across % down) * kSide,
          static_cast<int>(square % across) * kSide};
}

// [points, depth, width]. A thread for each pair of channels.
__global__ void __launch_bounds__(kThreads) conv_weights_to_points(Gather g, const float* weight, float* out) {
  const auto width = static_cast<unsigned>(g.width);
  for_items(static_cast<unsigned>(g.depth * g.width), [&](unsigned i) {
    const float* w = weight + i / width * g.weight_in + i % width * g.weight_out;
    float columns[3][kWindow];
    NTL_UNROLL
    for (int j = 0; j < 3; ++j) {
      const float column[3] = {w[g.weight(0, j)], w[g.weight(1, j)], w[g.weight(2, j)]};
      weights_to_points(column, columns[j]);
    }
    NTL_UNROLL
    for (int r = 0; r < kWindow; ++r) {
      const float row[3] = {columns[0][r], columns[1][r], columns[2][r]};
      float points[kWindow];
      weights_to_points(row, points);
      NTL_UNROLL
      for (int c = 0; c < kWindow; ++c) out[(r * kWindow + c) * g.depth * g.width + i] = points[c];
    }
  });
}

// Squares [begin, begin + count) of x: [points, block, depth]. A thread for each square and channel.
__global__ void __launch_bounds__(kThreads)
    conv_pixels_to_points(Gather g, Squares s, std::int64_t begin, std::int64_t count, float* out) {
  const auto depth = static_cast<unsigned>(g.depth);
  const auto rows = static_cast<unsigned>(g.down.extent);
  const auto cols = static_cast<unsigned>(g.across.extent);
  for_items(static_cast<unsigned>(count) * depth, [&](unsigned i) {
    const Corner at = corner_of(s, static_cast<unsigned>(begin) + i / depth);
    const int top = static_cast<int>(g.down.first) + at.row;
    const int left = static_cast<int>(g.across.first) + at.col;
    const std::int64_t from = ((at.image * g.down.extent + top) * g.across.extent + left) * g.depth + i % depth;
    float d[kWindow][kWindow];  // by columns
    NTL_UNROLL
    for (int c = 0; c < kWindow; ++c) {
      NTL_UNROLL
      for (int r = 0; r < kWindow; ++r) {
        const bool valid = static_cast<unsigned>(top + r) < rows && static_cast<unsigned>(left + c) < cols;
        d[c][r] = valid ? g.x[from + (r * g.across.extent + c) * g.depth] : 0.0F;
      }
    }
    NTL_UNROLL
    for (int c = 0; c < kWindow; ++c) pixels_to_points(d[c]);
    NTL_UNROLL
    for (int r = 0; r < kWindow; ++r) {
      float row[kWindow] = {d[0][r], d[1][r], d[2][r], d[3][r], d[4][r], d[5][r]};
      pixels_to_points(row);
      NTL_UNROLL
      for (int c = 0; c < kWindow; ++c) out[(r * kWindow + c) * s.block * g.depth + i] = row[c];
    }
  });
}

// The same of dy: [points, block, width].
__global__ void __launch_bounds__(kThreads)
    conv_results_to_points(Gather g, Squares s, const float* dy, std::int64_t begin, std::int64_t count, float* out) {
  const auto width = static_cast<unsigned>(g.width);
  for_items(static_cast<unsigned>(count) * width, [&](unsigned i) {
    const Corner at = corner_of(s, static_cast<unsigned>(begin) + i / width);
    const std::int64_t from = ((at.image * g.down.results + at.row) * g.across.results + at.col) * g.width + i % width;
    float columns[kSide][kWindow];
    NTL_UNROLL
    for (int c = 0; c < kSide; ++c) {
      float y[kSide];
      NTL_UNROLL
      for (int r = 0; r < kSide; ++r) {
        const bool valid = at.row + r < g.down.results && at.col + c < g.across.results;
        y[r] = valid ? dy[from + (r * g.across.results + c) * g.width] : 0.0F;
      }
      results_to_points(y, columns[c]);
    }
    NTL_UNROLL
    for (int r = 0; r < kWindow; ++r) {
      const float row[kSide] = {columns[0][r], columns[1][r], columns[2][r], columns[3][r]};
      float points[kWindow];
      results_to_points(row, points);
      NTL_UNROLL
      for (int c = 0; c < kWindow; ++c) out[(r * kWindow + c) * s.block * g.width + i] = points[c];
    }
  });
}

// Results of squares [begin, begin + count) from [points, block, width]. A thread for each square and channel.
__global__ void __launch_bounds__(kThreads)
    conv_points_to_results(Gather g, Squares s, const float* points, std::int64_t begin, std::int64_t count) {
  const auto width = static_cast<unsigned>(g.width);
  for_items(static_cast<unsigned>(count) * width, [&](unsigned i) {
    const Corner at = corner_of(s, static_cast<unsigned>(begin) + i / width);
    float columns[kWindow][kSide];
    NTL_UNROLL
    for (int c = 0; c < kWindow; ++c) {
      float m[kWindow];
      NTL_UNROLL
      for (int r = 0; r < kWindow; ++r) m[r] = points[(r * kWindow + c) * s.block * g.width + i];
      points_to_results(m, columns[c]);
    }
    const float bias = g.bias != nullptr ? g.bias[i % width] : 0.0F;
    float* y =
        g.y +
        ((at.image * g.down.places + g.down.place + at.row) * g.across.places + g.across.place + at.col) * g.width +
        i % width;
    NTL_UNROLL
    for (int r = 0; r < kSide; ++r) {
      const float m[kWindow] = {columns[0][r], columns[1][r], columns[2][r],
                                columns[3][r], columns[4][r], columns[5][r]};
      float results[kSide];
      points_to_results(m, results);
      NTL_UNROLL
      for (int c = 0; c < kSide; ++c) {
        if (at.row + r < g.down.results && at.col + c < g.across.results) {
          float* to = y + (r * g.across.places + c) * g.width;
          float v = results[c] + bias;
          if (g.accumulate) v += *to;
          *to = g.relu && v <= 0.0F ? 0.0F : v;  // NaN stays
        }
      }
    }
  });
}

// dweight from its points, [parts, points, depth, width]: the parts of a point from first to last. A thread for each pair of
// channels.
__global__ void __launch_bounds__(kThreads)
    conv_points_to_weights(Gather g, const float* points, std::int64_t parts, float* dweight, bool accumulate) {
  const auto size = static_cast<unsigned>(g.depth * g.width);
  for_items(size, [&](unsigned i) {
    float m[kWindow][kWindow] = {};  // by columns
    for (std::int64_t part = 0; part < parts; ++part) {
      NTL_UNROLL
      for (int c = 0; c < kWindow; ++c) {
        NTL_UNROLL
        for (int r = 0; r < kWindow; ++r) m[c][r] += points[(part * kPoints + r * kWindow + c) * size + i];
      }
    }
    float columns[kWindow][3];
    NTL_UNROLL
    for (int c = 0; c < kWindow; ++c) points_to_weights(m[c], columns[c]);
    float* to =
        dweight + i / static_cast<unsigned>(g.width) * g.weight_in + i % static_cast<unsigned>(g.width) * g.weight_out;
    NTL_UNROLL
    for (int r = 0; r < 3; ++r) {
      const float row[kWindow] = {columns[0][r], columns[1][r], columns[2][r],
                                  columns[3][r], columns[4][r], columns[5][r]};
      float out[3];
      points_to_weights(row, out);
      NTL_UNROLL
      for (int c = 0; c < 3; ++c) {
        float* w = to + g.weight(r, c);
        *w = accumulate ? *w + out[c] : out[c];
      }
    }
  });
}

// ------------------------------------------------------------------------------------------------ the products

// An axis along which nothing is gathered.
inline Line plain_line(std::int64_t extent) {
  const auto length = static_cast<int>(extent);
  return {length, 0, 1, length, 1, 0, 1, 1, length};
}

}  // namespace
}  // namespace nautile::NTL_TARGET
