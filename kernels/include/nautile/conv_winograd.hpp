// Gathers of 3 x 3 pixels on the CPU with a quarter of the products: winograd_points.hpp. Included after that and conv_tiles.hpp.
//
// Results differ from those of sums of 9 products by some units in the last place of the largest pixels in a square.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kSquareFloats = 1 << 17;  // of the squares of a task, transformed: a second-level cache

// ------------------------------------------------------------------------------------------------ how it is cut

// Follows from the shape and the instruction set.
struct Squares {
  std::int64_t down;    // squares of a picture
  std::int64_t across;  //
  std::int64_t count;   // of all pictures
  std::int64_t block;   // of a task
  std::int64_t blocks;
  Cut channels;  // panels of channels of the result, in parts that are tasks of their own

  std::int64_t cols() const { return ceil_div(channels.panels, channels.blocks) * kCols; }  // of a task
  // Floats from point to point. A line more than needed, or all points would meet in the same places of the cache.
  std::int64_t x_point(const Gather& g) const { return block * g.depth + kLineFloats; }
  std::int64_t y_point() const { return block * cols() + kLineFloats; }
  std::int64_t floats(const Gather& g) const { return kPoints * (x_point(g) + y_point()); }
};
inline Squares squares_of(const Gather& g) {
  Squares s{};
  s.down = ceil_div(g.down.results, kSide);
  s.across = ceil_div(g.across.results, kSide);
  s.count = g.n * s.down * s.across;
  s.channels = {ceil_div(g.width, kCols), 1};
  const std::int64_t fitting = kSquareFloats / (kPoints * (g.depth + g.width)) / kRows * kRows;
  s.block = limited(fitting, 4 * kRows, round_up(96, kRows));
  const auto worthwhile = static_cast<std::int64_t>(flops_of(g.pixels(), g.width, g.terms()) / (4 * kTaskFlops));
  const std::int64_t wanted = limited(worthwhile, 1, kEnoughTasks);
  while (s.block > 2 * kRows && ceil_div(s.count, s.block) < wanted) s.block -= kRows;
  s.block = least(s.block, round_up(s.count, kRows));
  s.blocks = ceil_div(s.count, s.block);
  // each part transforms the squares again, which takes as long as the products with 16 channels
  while (s.blocks * s.channels.blocks < wanted && s.channels.panels / s.channels.blocks >= 8) s.channels.blocks *= 2;
  return s;
}

// Whether that is allowed, and takes less time.
inline bool in_squares(const Gather& g) {
  if (g.groups != 1 || !in_squares(g.down) || !in_squares(g.across)) return false;
  if (g.depth % kLanes != 0 || g.width % kLanes != 0 || g.algorithm == ConvAlgorithm::kDirect) return false;
  if (g.algorithm == ConvAlgorithm::kWinograd) return true;
  if (g.depth < 16 || g.width < 16) return false;
  return worth_squares(g, squares_of(g).count);
}

// ------------------------------------------------------------------------------------------------ the transforms

// The weights: [points][panels][depth][kCols]. Points are a line apart, as those of squares are.
inline std::int64_t weight_point(const Gather& g) { return g.depth * round_up(g.width, kCols) + kLineFloats; }

// Those of a panel of channels of the result.
inline void transform_weights(const Gather& g, const float* weight, std::int64_t panel, float* out) {
  const std::int64_t point = weight_point(g);
  for (std::int64_t first = 0; first < kCols; first += kLanes) {
    float* to = out + panel * kCols * g.depth + first;
    std::int64_t taps = 0;
    Vec w[3][3] = {};
    for_weights(g, weight, panel * kCols + first, g.width, [&](std::int64_t tap, std::int64_t, Vec v) {
      w[tap % 3][tap / 3] = v;
      if (++taps < 9) return;  // of this channel of the source
      taps = 0;
      Vec columns[3][kWindow];
      for (std::int64_t j = 0; j < 3; ++j) weights_to_points(w[j], columns[j]);
      for (std::int64_t i = 0; i < kWindow; ++i) {
        const Vec row[3] = {columns[0][i], columns[1][i], columns[2][i]};
        Vec points[kWindow];
        weights_to_points(row, points);
        for (std::int64_t j = 0; j < kWindow; ++j) store(to + (i * kWindow + j) * point, points[j]);
      }
      to += kCols;
    });
  }
}

// The place of a square's first result.
inline Pixel corner_of(const Squares& s, std::int64_t square) {
  const std::int64_t in_picture = square % (s.down * s.across);
  return {square / (s.down * s.across), in_picture / s.across * kSide, in_picture % s.across * kSide};
}

// Channels [begin, end) of a square's pixels, at each of the points, which are x_point apart.
template <bool kInside>
void transform_pixels(const Gather& g, const Pixel& at, std::int64_t begin, std::int64_t end, std::int64_t x_point,
                      float* out) {
  const std::int64_t top = g.down.first + at.row;
  const std::int64_t left = g.across.first + at.col;
  const std::int64_t row = g.across.extent * g.depth;
  const float* x = g.x + at.image * g.down.extent * row + top * row + left * g.depth;
  for (std::int64_t c = begin; c < end; c += kLanes) {
    Vec t[kWindow][kWindow];
#pragma GCC unroll 6
    for (std::int64_t j = 0; j < kWindow; ++j) {
      Vec column[kWindow];
      const bool there = kInside || (left + j >= 0 && left + j < g.across.extent);
#pragma GCC unroll 6
      for (std::int64_t i = 0; i < kWindow; ++i) {
        const bool inside = kInside || (there && top + i >= 0 && top + i < g.down.extent);
        column[i] = inside ? load(x + i * row + j * g.depth + c) : Vec{};
      }
      pixels_to_points(column);
#pragma GCC unroll 6
      for (std::int64_t i = 0; i < kWindow; ++i) t[i][j] = column[i];
    }
#pragma GCC unroll 6
    for (std::int64_t i = 0; i < kWindow; ++i) {
      pixels_to_points(t[i]);
#pragma GCC unroll 6
      for (std::int64_t j = 0; j < kWindow; ++j) store(out + (i * kWindow + j) * x_point + c - begin, t[i][j]);
    }
  }
}
inline void transform_square(const Gather& g, const Pixel& at, std::int64_t begin, std::int64_t end,
                             std::int64_t x_point, float* out) {
  const auto inside = [](const GatherAxis& a, std::int64_t result) {
    return a.first + result >= 0 && a.first + result + kWindow <= a.extent;
  };
  if (inside(g.down, at.row) && inside(g.across, at.col)) {
    transform_pixels<true>(g, at, begin, end, x_point, out);
  } else {
    transform_pixels<false>(g, at, begin, end, x_point, out);
  }
}

// The results of a square for channels [first, first + count): from points y_point apart.
inline void transform_results(const Gather& g, const Pixel& at, const float* m, std::int64_t y_point,
                              std::int64_t first, std::int64_t count) {
  const std::int64_t rows = least(kSide, g.down.results - at.row);
  const std::int64_t cols = least(kSide, g.across.results - at.col);
  const std::int64_t row = g.across.places * g.width;
  const std::int64_t place = place_of(g, at) * g.width + first;
  for (std::int64_t k = 0; k < count; k += kLanes) {
    Vec t[kSide][kWindow];
#pragma GCC unroll 6
    for (std::int64_t j = 0; j < kWindow; ++j) {
      Vec column[kWindow];
      Vec four[kSide];
#pragma GCC unroll 6
      for (std::int64_t i = 0; i < kWindow; ++i) column[i] = load(m + (i * kWindow + j) * y_point + k);
      points_to_results(column, four);
#pragma GCC unroll 4
      for (std::int64_t i = 0; i < kSide; ++i) t[i][j] = four[i];
    }
    Vec bias{};
    if (g.bias != nullptr) bias = load(g.bias + first + k);
#pragma GCC unroll 4
    for (std::int64_t i = 0; i < kSide; ++i) {
      if (i == rows) break;
      Vec four[kSide];
      points_to_results(t[i], four);
      float* y = g.y + place + i * row + k;
#pragma GCC unroll 4
      for (std::int64_t j = 0; j < kSide; ++j) {
        if (j == cols) break;
        Vec v = four[j] + bias;
        float* to = y + j * g.width;
        if (g.accumulate) v += load(to);
        if (g.relu) v = relu(v);
        if (g.mask != nullptr) v = load(g.mask + (to - g.y)) > 0.0F ? v : Vec{};
        store(to, v);
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------ the gather

inline void gather_squares(const Gather& g, const Squares& s, const float* weight, std::int64_t task, float* own) {
  const std::int64_t first = task / s.channels.blocks * s.block;
  const std::int64_t count = least(s.block, s.count - first);
  const std::int64_t panel = s.channels.begin(task % s.channels.blocks);
  const std::int64_t end = s.channels.begin(task % s.channels.blocks + 1);
  const std::int64_t channel = panel * kCols;
  const std::int64_t channels = least(end * kCols, g.width) - channel;
  const std::int64_t parts = ceil_div(g.depth, kDepth);
  float* x = own;
  float* y = own + kPoints * s.x_point(g);
  for (std::int64_t i = 0; i < count; ++i) {
    transform_square(g, corner_of(s, first + i), 0, g.depth, s.x_point(g), x + i * g.depth);
  }
  for (std::int64_t point = 0; point < kPoints; ++point) {
    for (std::int64_t j = panel; j < end; ++j) {
      const std::int64_t width = least(kCols, g.width - j * kCols);
      for (std::int64_t part = 0; part < parts; ++part) {
        const std::int64_t begin = g.depth * part / parts;
        const std::int64_t depth = g.depth * (part + 1) / parts - begin;
        const float* b = weight + point * weight_point(g) + j * kCols * g.depth + begin * kCols;
        for (std::int64_t i = 0; i < count; i += kRows) {
          multiply_tile<kAsRows>(least(kRows, count - i), width, depth, x + point * s.x_point(g) + i * g.depth + begin,
                                 b, kCols, y + point * s.y_point() + i * s.cols() + (j - panel) * kCols, s.cols(),
                                 nullptr, part > 0, g.depth);
        }
      }
    }
  }
  for (std::int64_t i = 0; i < count; ++i) {
    transform_results(g, corner_of(s, first + i), y + i * s.cols(), s.y_point(), channel, channels);
  }
}

// ------------------------------------------------------------------------------------------------ the gradient by the weights

// The same with other sizes: 3 x 3 gradients from 6 x 6 pixels and the 4 x 4 of dy that meet them, added up over all squares
// before they are transformed back.

// G g: from four of dy beside each other to the six points.
inline void dy_to_points(const Vec (&g)[kSide], Vec (&out)[kWindow]) {
  const Vec even = g[0] + g[2];
  const Vec odd = g[1] + g[3];
  out[0] = g[0];
  out[1] = (even + odd) * (1.0F / 3.0F);
  out[2] = (odd - even) * (1.0F / 3.0F);
  out[3] = (g[0] + 0.5F * g[1] + 0.25F * g[2] + 0.125F * g[3]) * (-16.0F / 15.0F);
  out[4] = (g[0] - 2.0F * g[1] + 4.0F * g[2] - 8.0F * g[3]) * (1.0F / 15.0F);
  out[5] = g[3];
}

// A^T m: from the six points to three gradients beside each other.
inline void points_to_weights(const Vec (&m)[kWindow], Vec (&out)[3]) {
  const Vec sum = m[1] + m[2];
  out[0] = m[0] + sum + m[3] + m[4];
  out[1] = m[1] - m[2] + 0.5F * m[3] - 2.0F * m[4];
  out[2] = sum + 0.25F * m[3] + 4.0F * m[4] + m[5];
}

constexpr std::int64_t kTogether = 48;  // squares that are transformed, then multiplied

// Rows of transformed squares and of sums, with a line more than needed: see Squares.
inline std::int64_t apart(std::int64_t channels) { return round_up(channels, kLineFloats) + kLineFloats; }

// Floats for a member whose tasks have at most `cols` channels of x.
inline std::int64_t square_weights_floats(const Gather& g, std::int64_t cols) {
  return kPoints * (kTogether * (apart(g.width) + apart(cols)) + g.width * apart(cols));
}

// All channels of dy of a square, at each of the points.
template <bool kInside>
void transform_dy(const Gather& g, const float* dy, const Pixel& at, std::int64_t point, float* out) {
  const std::int64_t rows = least(kSide, g.down.results - at.row);
  const std::int64_t cols = least(kSide, g.across.results - at.col);
  const std::int64_t row = g.across.results * g.width;
  const float* from = dy + ((at.image * g.down.results + at.row) * g.across.results + at.col) * g.width;
  for (std::int64_t k = 0; k < g.width; k += kLanes) {
    Vec t[kWindow][kSide];
#pragma GCC unroll 4
    for (std::int64_t j = 0; j < kSide; ++j) {
      Vec column[kSide];
      Vec points[kWindow];
#pragma GCC unroll 4
      for (std::int64_t i = 0; i < kSide; ++i) {
        column[i] = kInside || (i < rows && j < cols) ? load(from + i * row + j * g.width + k) : Vec{};
      }
      dy_to_points(column, points);
#pragma GCC unroll 6
      for (std::int64_t i = 0; i < kWindow; ++i) t[i][j] = points[i];
    }
#pragma GCC unroll 6
    for (std::int64_t i = 0; i < kWindow; ++i) {
      Vec points[kWindow];
      dy_to_points(t[i], points);
#pragma GCC unroll 6
      for (std::int64_t j = 0; j < kWindow; ++j) store(out + (i * kWindow + j) * point + k, points[j]);
    }
  }
}

// The gradient by the weights of channels [left, left + cols) of x, from squares [begin, end): rows of terms, as the channels
// of dy want them.
inline void weights_squares(const Gather& g, const float* dy, std::int64_t left, std::int64_t cols, std::int64_t begin,
                            std::int64_t end, float* result, float* own) {
  const Squares s = squares_of(g);
  const std::int64_t up_row = apart(g.width);
  const std::int64_t x_row = apart(cols);
  float* up = own;
  float* x = up + kPoints * kTogether * up_row;
  float* sums = x + kPoints * kTogether * x_row;
  for (std::int64_t first = begin; first < end; first += kTogether) {
    const std::int64_t count = least(kTogether, end - first);
    for (std::int64_t i = 0; i < count; ++i) {
      const Pixel at = corner_of(s, first + i);
      if (at.row + kSide <= g.down.results && at.col + kSide <= g.across.results) {
        transform_dy<true>(g, dy, at, kTogether * up_row, up + i * up_row);
      } else {
        transform_dy<false>(g, dy, at, kTogether * up_row, up + i * up_row);
      }
      transform_square(g, at, left, left + cols, kTogether * x_row, x + i * x_row);
    }
    for (std::int64_t point = 0; point < kPoints; ++point) {
      for (std::int64_t c = 0; c < cols; c += kCols) {
        for (std::int64_t k = 0; k < g.width; k += kRows) {
          multiply_tile<0>(least(kRows, g.width - k), least(kCols, cols - c), count,
                           up + point * kTogether * up_row + k, x + point * kTogether * x_row + c, x_row,
                           sums + (point * g.width + k) * x_row + c, x_row, nullptr, first > begin, up_row);
        }
      }
    }
  }
  for (std::int64_t k = 0; k < g.width; ++k) {
    for (std::int64_t c = 0; c < cols; c += kLanes) {
      Vec t[3][kWindow];
#pragma GCC unroll 6
      for (std::int64_t j = 0; j < kWindow; ++j) {
        Vec column[kWindow];
        Vec three[3];
#pragma GCC unroll 6
        for (std::int64_t i = 0; i < kWindow; ++i) {
          column[i] = load(sums + ((i * kWindow + j) * g.width + k) * x_row + c);
        }
        points_to_weights(column, three);
#pragma GCC unroll 3
        for (std::int64_t i = 0; i < 3; ++i) t[i][j] = three[i];
      }
#pragma GCC unroll 3
      for (std::int64_t i = 0; i < 3; ++i) {
        Vec three[3];
        points_to_weights(t[i], three);
#pragma GCC unroll 3
        for (std::int64_t j = 0; j < 3; ++j) {
          store(result + k * g.terms() + (i * 3 + j) * g.depth + left + c, three[j]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
