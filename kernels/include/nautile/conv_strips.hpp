// Gathers on the CPU with few weights, and their gradient. Included after conv_blocks.hpp.
//
// A strip holds the rows of x that some rows of results gather, with zeros for the padding, and taps that stand side by side are
// one run.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kStripWeights = 8192;  // floats, which stay in the first-level cache
constexpr std::int64_t kShortRun = 16;        // terms: else runs of a tap's channels do
constexpr std::int64_t kStripFloats = 4096;   // of rows of x
constexpr std::int64_t kChainPixels = 512;    // added up in float32 one by one

inline bool in_strips(const Gather& g) {
  const bool few = g.terms() * round_up(g.width, kCols) <= (g.depth < kShortRun ? 2 : 1) * kStripWeights;
  return few && g.groups == 1 && g.across.step == 1 && g.taps() > 0 && !lies_ready(g) && g.terms() <= kDepth;
}

struct Strip {
  std::int64_t rows;   // of results, at most
  std::int64_t line;   // floats of a row of x
  std::int64_t lines;  // rows of x
  std::int64_t move;   // floats from a row of results to the next
  std::int64_t step;   // floats from a row of taps to the next
  std::int64_t pixel;  // floats from one result to the next
  std::int64_t run;    // floats that a result takes from a line

  std::int64_t floats() const { return round_up(lines * line, kLineFloats); }
};
inline Strip strip_of(const Gather& g) {
  Strip s{};
  s.line = ((g.across.results - 1) * g.across.move + g.across.taps) * g.depth;
  const std::int64_t beyond = (g.down.taps - 1) * g.down.step;  // rows of x that a row of results takes after its first
  s.rows = (kStripFloats / most(1, s.line) - beyond - 1) / g.down.move + 1;
  s.rows = limited(s.rows, 1, limited(kChainPixels / g.across.results, 1, g.down.results));
  s.lines = (s.rows - 1) * g.down.move + beyond + 1;
  s.move = g.down.move * s.line;
  s.step = g.down.step * s.line;
  s.pixel = g.across.move * g.depth;
  s.run = g.across.taps * g.depth;
  return s;
}

// What `rows` rows of results from the given one on take.
inline void fill_strip(const Gather& g, const Strip& strip, std::int64_t image, std::int64_t row, std::int64_t rows,
                       float* out) {
  const std::int64_t left = limited(-g.across.first * g.depth, 0, strip.line);
  const std::int64_t right = limited((g.across.extent - g.across.first) * g.depth, left, strip.line);
  const std::int64_t top = g.down.first + row * g.down.move;
  const std::int64_t bottom = top + (rows - 1) * g.down.move + (g.down.taps - 1) * g.down.step;
  for (std::int64_t from = top; from <= bottom; ++from, out += strip.line) {
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

// f(first, count): rows of results [begin, end), counted through all images, as strips hold them.
template <typename F>
void for_strips(const Gather& g, const Strip& strip, std::int64_t begin, std::int64_t end, float* lines, F&& f) {
  for (std::int64_t row = begin, count = 0; row < end; row += count) {
    const std::int64_t in_image = row % g.down.results;
    count = least(least(strip.rows, g.down.results - in_image), end - row);
    fill_strip(g, strip, row / g.down.results, in_image, count, lines);
    f(row, count);
  }
}

// Of results, for a task: those of whole images or whole strips, so that few strips are cut.
inline std::int64_t strip_rows(const Gather& g) {
  const std::int64_t rows = rows_per_task(ceil_div(g.across.results * g.terms() * round_up(g.width, kLanes), 64));
  const std::int64_t whole = rows >= g.down.results ? most(1, g.down.results) : strip_of(g).rows;
  return most(1, rows / whole) * whole;
}

// Where registers are many, a tile takes a part of a row, whose places follow from the first one's; where they are few, tables
// let all tiles have as many rows as fit.
constexpr bool kEvenRows = NTL_ISA == 2;

inline std::int64_t strip_floats(const Gather& g) {  // for a member
  const Strip strip = strip_of(g);
  return strip.floats() + (kEvenRows ? 0 : 2 * pointer_floats(strip.rows * g.across.results));
}

// f(first, count): `results` in even tiles of at most kRows or, with one vector, kNarrowRows.
template <typename F>
void for_even_tiles(std::int64_t results, bool narrow, F&& f) {
  const std::int64_t tiles = ceil_div(results, narrow ? kNarrowRows : kRows);
  for (std::int64_t tile = 0; tile < tiles; ++tile) {
    const std::int64_t first = results * tile / tiles;
    f(first, results * (tile + 1) / tiles - first);
  }
}

// Rows of results [begin, end).
inline void gather_strips(const Gather& g, const float* weight, std::int64_t begin, std::int64_t end, float* own) {
  const Strip strip = strip_of(g);
  const std::int64_t results = g.across.results;
  const std::int64_t y_pixel = g.across.place_step * g.width;
  auto* x_table = reinterpret_cast<const float**>(own + strip.floats());
  auto* y_table = reinterpret_cast<float**>(own + strip.floats() + pointer_floats(strip.rows * results));
  for (std::int64_t i = 0; i < strip.rows && !kEvenRows; ++i) {
    for (std::int64_t j = 0; j < results; ++j) x_table[i * results + j] = own + i * strip.move + j * strip.pixel;
  }
  for_strips(g, strip, begin, end, own, [&](std::int64_t first, std::int64_t count) {
    const auto y_of = [&](std::int64_t i) {
      return g.y + place_of(g, {(first + i) / g.down.results, (first + i) % g.down.results, 0}) * g.width;
    };
    for (std::int64_t i = 0; i < count && !kEvenRows; ++i) {
      float* to = y_of(i);
      for (std::int64_t j = 0; j < results; ++j) y_table[i * results + j] = to + j * y_pixel;
    }
    for (std::int64_t left = 0; left < g.width; left += kCols) {
      const std::int64_t width = least(kCols, g.width - left);
      const bool narrow = width <= kLanes;
      RowTile tile{.x_row = strip.pixel,
                   .x_skip = strip.step - strip.run,
                   .runs = g.down.taps,
                   .run = strip.run,
                   .b = weight + left * g.terms(),
                   .b_step = kCols,
                   .y_offset = left,
                   .y_row = y_pixel,
                   .fetch = true,
                   .tail = narrow ? width : width - kLanes,
                   .add = g.accumulate,
                   .bias = g.bias == nullptr ? nullptr : g.bias + left,
                   .relu = g.relu,
                   .mask = g.mask,
                   .masked = g.y};
      if constexpr (!kEvenRows) {
        for_even_tiles(count * results, narrow, [&](std::int64_t pixel, std::int64_t pixels) {
          tile.x = x_table + pixel;
          tile.y = y_table + pixel;
          multiply_tile_of_rows<Rows::kTables>(tile, narrow, pixels);
        });
        continue;
      }
      for (std::int64_t i = 0; i < count; ++i) {
        const Range taps = taps_inside(g.down, (first + i) % g.down.results);
        const float* x = own + i * strip.move + taps.begin * strip.step;
        float* y = y_of(i) + left;
        tile.runs = taps.size();
        tile.b = weight + left * g.terms() + taps.begin * strip.run * kCols;
        for_even_tiles(results, narrow, [&](std::int64_t pixel, std::int64_t pixels) {
          tile.x_first = x + pixel * tile.x_row;
          tile.y_first = y + pixel * tile.y_row;
          multiply_tile_of_rows<Rows::kEven>(tile, narrow, pixels);
        });
      }
    }
  });
}

// ------------------------------------------------------------------------------------------------ the gradient by the weights

inline std::int64_t strip_weights_tables(const Gather& g) { return kEvenRows ? 0 : 2 * pointer_floats(g.terms()); }

// Of terms too few to keep the adders busy, a vector of channels: three lines at a time.
constexpr std::int64_t kFewTerms = 4;
constexpr auto kWeighLines = weigh_box_table<3, 1>(std::make_index_sequence<kFewTerms>());

// Floats for a member that adds up the gradient by the weights.
inline std::int64_t strip_weights_floats(const Gather& g) {
  const Strip strip = strip_of(g);
  return strip.floats() + strip_weights_tables(g) +
         round_up(round_up(g.width, kCols) * strip.rows * g.across.results, kLineFloats);
}

// The gradient by the weights from rows of results [begin, end): [terms][width], of whole vectors. done(row): when it has those
// before that row, which are in the caches.
template <typename F>
void weights_strips(const Gather& g, const float* dy, std::int64_t begin, std::int64_t end, float* result, float* own,
                    F&& done) {
  const Strip strip = strip_of(g);
  const std::int64_t width = round_up(g.width, kLanes);
  const bool whole = width == g.width;  // vectors: dy is read where it lies
  auto* x_table = reinterpret_cast<const float**>(own + strip.floats());
  auto* y_table = reinterpret_cast<float**>(own + strip.floats() + pointer_floats(g.terms()));
  float* packed = own + strip.floats() + strip_weights_tables(g);
  for (std::int64_t term = 0; term < g.terms() && !kEvenRows; ++term) {
    x_table[term] = own + term / strip.run * strip.step + term % strip.run;
    y_table[term] = result + term * width;
  }
  Box box{};
  box.images = 1;
  box.cols = g.across.results;
  box.x_pixel = strip.pixel;
  box.x_row = strip.move;
  box.x_line = strip.step;
  box.dy_pixel = whole ? width : kCols;
  box.dy_row = box.cols * box.dy_pixel;
  clear_run(result, g.terms() * width);
  for_strips(g, strip, begin, end, own, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t pixels = count * g.across.results;
    const float* up = dy + first * g.across.results * g.width;
    if (!whole) pack<kCols>(up, 1, g.width, g.width, pixels, packed, kCols * pixels);
    const std::int64_t row = first % g.down.results;
    for (std::int64_t left = 0; left < width; left += kCols) {
      const bool narrow = width - left <= kLanes;
      const float* panel = whole ? up + left : packed + left * pixels;
      if constexpr (!kEvenRows) {
        RowTile tile{.x_step = strip.pixel,
                     .x_skip = strip.move - box.cols * strip.pixel,
                     .runs = count,
                     .run = box.cols,
                     .b = panel,
                     .b_step = box.dy_pixel,
                     .y_offset = left,
                     .tail = kLanes,
                     .add = true};
        for_even_tiles(g.terms(), narrow, [&](std::int64_t term, std::int64_t terms) {
          tile.x = x_table + term;
          tile.y = y_table + term;
          multiply_tile_of_rows<Rows::kTables>(tile, narrow, terms);
        });
        continue;
      }
      std::int64_t lines = 1;
      for (std::int64_t tap = 0; tap < g.down.taps; tap += lines) {
        lines = narrow && strip.run <= kFewTerms && tap + 3 <= g.down.taps ? 3 : 1;
        const Range met = lines == 1 ? results_inside(g.down, tap, {row, row + count}) : Range{row, row + count};
        box.rows = met.size();
        const float* x = own + (met.begin - row) * strip.move + tap * strip.step;
        const float* from = panel + (met.begin - row) * box.dy_row;
        float* y = result + tap * strip.run * width + left;
        if (lines == 3) {
          kWeighLines[static_cast<std::size_t>(strip.run - 1)](box, x, from, y, width);
          continue;
        }
        for_even_tiles(strip.run, narrow, [&](std::int64_t term, std::int64_t terms) {
          const auto height = static_cast<std::size_t>(terms - 1);
          (narrow ? kWeighNarrow[height] : kWeighBox[height])(box, x + term, from, y + term * width, width);
        });
      }
    }
    done(first + count);
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
