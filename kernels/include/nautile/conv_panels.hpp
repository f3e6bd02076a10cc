// Gathers on the CPU, vectors of channels. Included after gemm.hpp.
//
// Products of panels, as there: the pixels that a result gathers are laid out as rows of a matrix, kRows of them at a time,
// and packed at once, so that the matrix exists nowhere as a whole. A task is a block of pixels and channels of one group.
namespace nautile::NTL_TARGET {
namespace {


constexpr std::int64_t limited(std::int64_t x, std::int64_t low, std::int64_t high) {
  return least(most(x, low), high);
}

// ------------------------------------------------------------------------------------------------ rows of a gather

inline void copy_run(const float* x, float* y, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t n) {
    if (n == kLanes) {
      store(y + i, load(x + i));
    } else {
      store(y + i, load(x + i, n), n);
    }
  });
}
inline void clear_run(float* y, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t n) {
    if (n == kLanes) {
      store(y + i, Vec{});
    } else {
      store(y + i, Vec{}, n);
    }
  });
}

// A pixel of a result, counted through all images.
struct Pixel {
  std::int64_t image;
  std::int64_t row;
  std::int64_t col;
};
inline Pixel pixel_of(const Gather& g, std::int64_t number) {
  const std::int64_t line = number / g.across.results;
  return {line / g.down.results, line % g.down.results, number % g.across.results};
}
inline void advance(const Gather& g, Pixel& at) {
  if (++at.col < g.across.results) return;
  at.col = 0;
  if (++at.row < g.down.results) return;
  at.row = 0;
  ++at.image;
}

inline std::int64_t place_of(const Gather& g, const Pixel& at) {
  const std::int64_t row = g.down.place + at.row * g.down.place_step;
  const std::int64_t col = g.across.place + at.col * g.across.place_step;
  return (at.image * g.down.places + row) * g.across.places + col;
}

// What is left to do with results, at y, once they are complete.
inline void finish_run(const Gather& g, float* y, std::int64_t count) {
  if (g.relu) map(y, y, count, [=](Vec v) { return relu(v); });
  if (g.mask != nullptr) mask_run(g.mask + (y - g.y), y, count);
}

// Whether the rows lie in x as they are wanted.
inline bool lies_ready(const Gather& g) {
  const auto whole = [](const GatherAxis& a) {
    return a.taps == 1 && a.move == 1 && a.first == 0 && a.results == a.extent;
  };
  return whole(g.down) && whole(g.across);
}

// Whole vectors, whose last may run over the end by less than one.
inline void copy_over(const float* x, float* y, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t n) { store(y + i, n == kLanes ? load(x + i) : load(x + i, n)); });
}
inline void clear_over(float* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += kLanes) store(y + i, Vec{});
}

// The terms [begin, end) of `count` pixels from the given one on: out[i * (end - begin) + d - begin]; what is less than a
// vector beyond the last may be written. Taps that stand side by side in x are copied in one run.
inline void gather_rows(const Gather& g, std::int64_t group, std::int64_t pixel, std::int64_t count, std::int64_t begin,
                        std::int64_t end, float* out) {
  if (begin == end) return;
  const bool side_by_side = g.across.step == 1 && g.groups == 1;
  const std::int64_t run_taps = side_by_side ? g.across.taps : 1;
  const std::int64_t run = run_taps * g.depth;
  const std::int64_t line = g.across.taps * g.depth;
  const std::int64_t channels = g.groups * g.depth;
  Pixel at = pixel_of(g, pixel);
  out -= begin;
  for (std::int64_t i = 0; i < count; ++i, out += end - begin, advance(g, at)) {
    for (std::int64_t down = begin / line; down * line < end; ++down) {
      const std::int64_t row = g.down.first + at.row * g.down.move + down * g.down.step;
      const bool inside = row >= 0 && row < g.down.extent;
      const float* x = g.x + (at.image * g.down.extent + row) * g.across.extent * channels + group * g.depth;
      std::int64_t col = g.across.first + at.col * g.across.move;
      if (inside && side_by_side && col >= 0 && col + run_taps <= g.across.extent) {
        const std::int64_t low = most(down * line, begin);
        copy_over(x + col * channels + (low - down * line), out + low, least((down + 1) * line, end) - low);
        continue;
      }
      for (std::int64_t start = down * line; start < (down + 1) * line; start += run, col += g.across.step) {
        const std::int64_t low = most(start, begin);
        const std::int64_t high = least(start + run, end);
        if (low >= high) continue;
        if (!inside) {
          clear_over(out + low, high - low);
          continue;
        }
        const std::int64_t left = least(most(low, start + limited(-col, 0, run_taps) * g.depth), high);
        const std::int64_t right =
            most(left, least(high, start + limited(g.across.extent - col, 0, run_taps) * g.depth));
        clear_over(out + low, left - low);
        if (left < right) copy_over(x + col * channels + (left - start), out + left, right - left);
        clear_over(out + right, high - right);
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------ products of panels

inline std::int64_t a_panel_floats(std::int64_t depth) { return round_up(kRows * depth + kLanes, kLineFloats); }

struct Panels {
  const float* a;  // of kRows rows, a_panel_floats apart
  const float* b;  // of kCols columns
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t depth;
};

// y (+)= a b (+ bias)
inline void multiply_panels(const Panels& p, float* y, std::int64_t y_row, const float* bias, bool add) {
  const std::int64_t row_panels = ceil_div(p.rows, kRows);
  const std::int64_t col_panels = ceil_div(p.cols, kCols);
  const auto tile = [&](std::int64_t i, std::int64_t j) {
    const std::int64_t height = least(kRows, p.rows - i * kRows);
    const std::int64_t width = least(kCols, p.cols - j * kCols);
    multiply_tile<kRows>(height, width, p.depth, p.a + i * a_panel_floats(p.depth), p.b + j * kCols * p.depth, kCols,
                         y + i * kRows * y_row + j * kCols, y_row, bias == nullptr ? nullptr : bias + j * kCols, add);
  };
  if (kColumnsStay) {
    for (std::int64_t j = 0; j < col_panels; ++j) {
      for (std::int64_t i = 0; i < row_panels; ++i) tile(i, j);
    }
  } else {
    for (std::int64_t i = 0; i < row_panels; ++i) {
      for (std::int64_t j = 0; j < col_panels; ++j) tile(i, j);
    }
  }
}

// ------------------------------------------------------------------------------------------------ the gather

// Where the weights are few, nothing is packed but them: a strip holds the rows of x that a row of results gathers, with zeros
// for the padding, and each pixel reads its channels from there.

constexpr std::int64_t kStripWeights = 8192;  // floats, which stay in the first-level cache
constexpr std::int64_t kWideRows = NTL_ISA == 2 ? 28 : NTL_ISA == 1 ? 12 : 8;  // with one vector of columns

inline bool in_strips(const Gather& g) {
  return g.groups == 1 && g.across.step == 1 && g.taps() > 0 && !lies_ready(g) && g.terms() <= kDepth &&
         g.terms() * round_up(g.width, kCols) <= kStripWeights;
}

struct Strip {
  std::int64_t lines;
  std::int64_t line;   // floats
  std::int64_t pixel;  // floats from one result to the next
  std::int64_t run;    // floats that a result takes from a line
};
inline Strip strip_of(const Gather& g) {
  const std::int64_t results = round_up(g.across.results, kWideRows);  // a multiple of kRows, too
  return {g.down.taps, ((results - 1) * g.across.move + g.across.taps) * g.depth, g.across.move * g.depth,
          g.across.taps * g.depth};
}

inline void fill_strip(const Gather& g, const Strip& strip, std::int64_t image, std::int64_t row, float* out) {
  const std::int64_t left = limited(-g.across.first * g.depth, 0, strip.line);
  const std::int64_t right = limited((g.across.extent - g.across.first) * g.depth, left, strip.line);
  for (std::int64_t t = 0; t < strip.lines; ++t, out += strip.line) {
    const std::int64_t from = g.down.first + row * g.down.move + t * g.down.step;
    if (from < 0 || from >= g.down.extent) {
      clear_run(out, strip.line);
      continue;
    }
    const float* x = g.x + (image * g.down.extent + from) * g.across.extent * g.depth;
    clear_run(out, left);
    if (left < right) copy_run(x + g.across.first * g.depth + left, out + left, right - left);
    clear_run(out + right, strip.line - right);
  }
}

// The first `count` of kM results side by side, kVectors vectors of their channels.
template <std::int64_t kM, std::int64_t kVectors>
inline void multiply_strip(const Strip& strip, const float* x, const float* b, std::int64_t count, const Tile& tile) {
  constexpr std::int64_t kEach = 3;  // results that one pointer reaches
  constexpr std::int64_t kPointers = (kM + kEach - 1) / kEach;
  Vec sum[kM][kVectors] = {};
  for (std::int64_t line = 0; line < strip.lines; ++line) {
    const float* from[kPointers];
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kPointers; ++i) from[i] = x + line * strip.line + i * kEach * strip.pixel;
    for (std::int64_t p = 0; p < strip.run; ++p) {
      Vec row[kVectors];
#pragma GCC unroll 4
      for (std::int64_t j = 0; j < kVectors; ++j) {
        row[j] = load(b + j * kLanes);
#if NTL_ISA != 0
        asm("" : "+v"(row[j]));  // keeps it in a register
#endif
      }
#pragma GCC unroll 28
      for (std::int64_t i = 0; i < kM; ++i) {
        const Vec v = splat(from[i / kEach][i % kEach * strip.pixel]);
#pragma GCC unroll 4
        for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] += v * row[j];
      }
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kPointers; ++i) ++from[i];
      b += kCols;
    }
  }
#pragma GCC unroll 28
  for (std::int64_t i = 0; i < kM; ++i) {
    if (i >= count) break;
    float* y = tile.y + i * tile.row_step;
#pragma GCC unroll 4
    for (std::int64_t j = 0; j < kVectors; ++j) {
      const std::int64_t col = j * kLanes;
      const std::int64_t n = j + 1 < kVectors ? kLanes : tile.tail;
      const auto read = [=](const float* p) { return n == kLanes ? load(p + col) : load(p + col, n); };
      Vec v = sum[i][j];
      if (tile.bias != nullptr) v += read(tile.bias);
      if (tile.add) v += read(y);
      if (n == kLanes) {
        store(y + col, v);
      } else {
        store(y + col, v, n);
      }
    }
  }
}

inline std::int64_t strip_rows(const Gather& g) {  // of results, for a task
  return rows_per_task(ceil_div(g.across.results * g.terms() * round_up(g.width, kLanes), 64));
}

// A row of results.
inline void gather_strip(const Gather& g, const float* weight, std::int64_t number, float* own) {
  const Strip strip = strip_of(g);
  const Pixel at{number / g.down.results, number % g.down.results, 0};
  fill_strip(g, strip, at.image, at.row, own);
  float* y = g.y + place_of(g, at) * g.width;
  const std::int64_t step = g.across.place_step * g.width;
  for (std::int64_t left = 0; left < g.width; left += kCols) {
    const std::int64_t width = least(kCols, g.width - left);
    const float* bias = g.bias == nullptr ? nullptr : g.bias + left;
    const float* b = weight + left * g.terms();
    const std::int64_t most_rows = width <= kLanes ? kWideRows : kRows;
    for (std::int64_t i = 0; i < g.across.results; i += most_rows) {
      const std::int64_t count = least(most_rows, g.across.results - i);
      const float* x = own + i * strip.pixel;
      const Tile tile{y + i * step + left, step, width > kLanes ? width - kLanes : width, bias, g.accumulate, 0};
      if (width > kLanes) {
        multiply_strip<kRows, 2>(strip, x, b, count, tile);
      } else if (count > kRows) {
        multiply_strip<kWideRows, 1>(strip, x, b, count, tile);
      } else {
        multiply_strip<kRows, 1>(strip, x, b, count, tile);
      }
    }
  }
  if (!g.relu && g.mask == nullptr) return;
  for (std::int64_t i = 0; i < g.across.results; ++i) finish_run(g, y + i * step, g.width);
}

// How a gather is cut; follows from the shape and the instruction set.
struct Blocks {
  Grid grid;  // of pixels and channels, for each group
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t parts;  // of the terms
  std::int64_t depth;  // of the longest part
  bool aside;          // pixels do not lie side by side in y: results are computed elsewhere and copied

  std::int64_t panels() const { return rows / kRows * a_panel_floats(depth); }
  std::int64_t row() const { return round_up(kRows * depth + kLanes, kLineFloats); }
  std::int64_t floats() const { return panels() + row() + (aside ? rows * cols : 0); }  // for a member
};
inline std::int64_t parts_of(const Gather& g) { return most(1, ceil_div(g.terms(), kDepth)); }
inline Blocks blocks_of(const Gather& g) {
  Blocks b{};
  b.grid = grid_of(g.pixels(), g.width, g.terms(), kBlockRows, kBlockCols, kEnoughTasks);
  b.rows = ceil_div(b.grid.down.panels, b.grid.down.blocks) * kRows;
  b.cols = ceil_div(b.grid.across.panels, b.grid.across.blocks) * kCols;
  b.parts = parts_of(g);
  b.depth = ceil_div(g.terms(), b.parts);
  b.aside = g.down.place_step > 1 || g.across.place_step > 1;
  return b;
}

// A block of pixels and channels of one group.
inline void gather_block(const Gather& g, const Blocks& b, const float* weight, std::int64_t task, float* own) {
  const std::int64_t group = task / b.grid.count();
  const Cut& down = b.grid.down;
  const Cut& across = b.grid.across;
  const std::int64_t block_row = task % b.grid.count() / across.blocks;
  const std::int64_t block_col = task % across.blocks;
  const std::int64_t top = down.begin(block_row) * kRows;
  const std::int64_t rows = least(down.begin(block_row + 1) * kRows, g.pixels()) - top;
  const std::int64_t left = across.begin(block_col) * kCols;
  const std::int64_t cols = least(across.begin(block_col + 1) * kCols, g.width) - left;
  const std::int64_t channels = g.groups * g.width;
  const std::int64_t channel = group * g.width + left;
  float* panels = own;
  float* row = panels + b.panels();
  float* y = b.aside ? row + b.row() : g.y + top * channels + channel;
  const std::int64_t y_row = b.aside ? cols : channels;
  const bool ready = lies_ready(g);
  for (std::int64_t part = 0; part < b.parts; ++part) {
    const std::int64_t begin = g.terms() * part / b.parts;
    const std::int64_t depth = g.terms() * (part + 1) / b.parts - begin;
    for (std::int64_t i = 0; i < rows; i += kRows) {
      const std::int64_t count = least(kRows, rows - i);
      float* panel = panels + i / kRows * a_panel_floats(depth);
      if (ready) {
        const std::int64_t step = g.groups * g.depth;
        pack<kRows>(g.x + (top + i) * step + group * g.depth + begin, step, 1, count, depth, panel, 0);
      } else {
        gather_rows(g, group, top + i, count, begin, begin + depth, row);
        pack<kRows>(row, depth, 1, count, depth, panel, 0);
      }
    }
    const std::int64_t all = round_up(g.width, kCols);
    const bool last = part + 1 == b.parts;
    multiply_panels({panels, weight + (group * g.terms() + begin) * all + left * depth, rows, cols, depth}, y, y_row,
                    last && g.bias != nullptr ? g.bias + channel : nullptr, part > 0 || (g.accumulate && !b.aside));
  }
  if (b.aside) {
    Pixel at = pixel_of(g, top);
    for (std::int64_t i = 0; i < rows; ++i, advance(g, at)) {
      float* to = g.y + place_of(g, at) * channels + channel;
      if (g.accumulate) {
        for_vectors(cols, [&](std::int64_t j, std::int64_t n) {
          if (n == kLanes) {
            store(to + j, load(to + j) + load(y + i * cols + j));
          } else {
            store(to + j, load(to + j, n) + load(y + i * cols + j, n), n);
          }
        });
      } else {
        copy_run(y + i * cols, to, cols);
      }
      finish_run(g, to, cols);
    }
  } else if (g.relu || g.mask != nullptr) {
    for (std::int64_t i = 0; i < rows; ++i) finish_run(g, y + i * y_row, cols);
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
