// Gathers on the CPU, vectors of channels. Included after gemm.hpp.
//
// A tile of results is kept in registers, as there, but nothing is packed except the weights: each row of a tile takes its terms
// where a table says, in x itself or in a strip of some of its rows. The gradient by the weights reads x there too.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t limited(std::int64_t x, std::int64_t low, std::int64_t high) {
  return least(most(x, low), high);
}

// ------------------------------------------------------------------------------------------------ pixels of a gather

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

// Whether the rows lie in x as they are wanted.
inline bool lies_ready(const Gather& g) {
  const auto whole = [](const GatherAxis& a) {
    return a.taps == 1 && a.move == 1 && a.first == 0 && a.results == a.extent;
  };
  return whole(g.down) && whole(g.across);
}

// Whole vectors, the last of which may run over the end.
inline void clear_over(float* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += kLanes) store(y + i, Vec{});
}

struct Range {
  std::int64_t begin;
  std::int64_t end;

  std::int64_t size() const { return end - begin; }
};
// Those of some results of an axis for which a tap meets x, not its padding.
inline Range results_inside(const GatherAxis& a, std::int64_t tap, Range results) {
  const std::int64_t first = a.first + tap * a.step;
  const auto below = [&](std::int64_t bound) {  // results for which the tap lies before that place of x
    return bound <= first ? 0 : ceil_div(bound - first, a.move);
  };
  const std::int64_t begin = limited(below(0), results.begin, results.end);
  return {begin, limited(below(a.extent), begin, results.end)};
}

// The taps of a row or column of results that meet x, not its padding.
inline Range taps_inside(const GatherAxis& a, std::int64_t result) {
  const std::int64_t first = a.first + result * a.move;
  const auto below = [&](std::int64_t bound) {  // taps before that place of x
    return bound <= first ? 0 : limited(ceil_div(bound - first, a.step), 0, a.taps);
  };
  return {below(0), below(a.extent)};
}

// ------------------------------------------------------------------------------------------------ tiles of a gather

// Where rows take their terms and put their sums: evenly spaced, or as tables say. With kTablesAhead, rows of a later tile are
// fetched beside the products, a piece of each at a time: for more together, the processor would wait before it goes on.
enum class Rows : std::uint8_t { kEven, kTables, kTablesAhead };

// kM rows, kVectors vectors of columns: sums over runs of terms.
struct RowTile {
  const float* const* x = nullptr;  // of each row: its first term
  std::int64_t x_table = 0;         // pointers from run to run
  const float* x_first = nullptr;   // or, of even rows, that of the first one
  std::int64_t x_row = 0;           // and floats from row to row
  std::int64_t x_step = 1;          // from term to term; of even rows 1
  std::int64_t x_skip;              // from the end of a run to the next one
  std::int64_t runs = 0;
  std::int64_t run;          // terms
  const float* b = nullptr;  // for each term, a row
  std::int64_t b_step;
  const float* const* ahead = nullptr;  // as x, of rows that a later tile takes: to be fetched
  std::int64_t ahead_rows = 0;
  float* const* y = nullptr;  // of each row
  std::int64_t y_offset = 0;
  float* y_first = nullptr;  // or, of even rows
  std::int64_t y_row = 0;
  bool fetch = false;     // y while sums are built, of rows in tables: it comes from memory
  bool stream = false;    // y, past the caches; its rows are whole lines
  std::int64_t tail = 0;  // of the last vector
  bool add;               // to what y holds
  const float* bias = nullptr;
  bool relu = false;
  const float* mask = nullptr;  // as `masked`: results are 0 where it is not positive
  const float* masked = nullptr;
};

constexpr std::int64_t kPiece = 4 * kLineFloats;
inline void fetch_piece(const float* x, std::int64_t terms) {
#pragma GCC unroll 4
  for (std::int64_t p = 0; p < terms; p += kLineFloats) __builtin_prefetch(x + p);
}
template <std::int64_t kM, std::int64_t kVectors, Rows kRowsAre>
void multiply_rows(const RowTile& tile) {
  constexpr bool kEven = kRowsAre == Rows::kEven;
  float* const* y_rows = tile.y;
  const std::int64_t y_offset = tile.y_offset;
  if (!kEven && tile.fetch) {
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i) {
#pragma GCC unroll 2
      for (std::int64_t j = 0; j < kVectors * kLanes; j += kLineFloats) {
        __builtin_prefetch(y_rows[i] + y_offset + j, 1);
      }
    }
  }
  const std::int64_t b_step = tile.b_step;
  const std::int64_t run = tile.run;
  const float* b = tile.b;
  const auto read = [=](const float* p, std::int64_t n) { return n == kLanes ? load(p) : load(p, n); };
  constexpr std::int64_t kEach = kEven ? 3 : 1;  // rows that one pointer reaches
  constexpr std::int64_t kPointers = (kM + kEach - 1) / kEach;
  const std::int64_t x_row = tile.x_row;
  const std::int64_t x_step = tile.x_step;
  const std::int64_t x_skip = tile.x_skip;
  const float* const* table = tile.x;
  const float* const* ahead = tile.ahead;
  const std::int64_t ahead_rows = tile.ahead_rows;
  const float* from[kPointers];
  const auto take = [&] {
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kPointers; ++i) from[i] = kEven ? tile.x_first + i * kEach * x_row : table[i];
  };
  std::int64_t at = 0;  // from there; even rows' pointers go on themselves
  const auto go_on = [&](std::int64_t floats) __attribute__((always_inline)) {
    if constexpr (kEven) {
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kPointers; ++i) from[i] += floats;
    } else {
      at += floats;
    }
  };
  Vec sum[kM][kVectors] = {};
  if (tile.bias != nullptr) {
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kVectors; ++j) {
      const Vec bias = read(tile.bias + j * kLanes, j + 1 < kVectors ? kLanes : tile.tail);
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kM; ++i) sum[i][j] = bias;
    }
  }
  const auto term = [&]() __attribute__((always_inline)) {
    Vec row[kVectors];
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kVectors; ++j) {
      Vec v = load(b + j * kLanes);
#if NTL_ISA != 0
      asm("" : "+v"(v));  // keeps it in a register
#endif
      row[j] = v;
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i) {
      const Vec v = splat(from[i / kEach][i % kEach * x_row + at]);
#pragma GCC unroll 2
      for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] += v * row[j];
    }
    go_on(kEven ? 1 : x_step);
    b += b_step;
  };
  take();
  for (std::int64_t r = 0; r < tile.runs; ++r) {
    std::int64_t p = 0;
    for (; kRowsAre == Rows::kTablesAhead && p + kPiece <= run; p += kPiece) {
      for (std::int64_t i = 0; i < ahead_rows; ++i) fetch_piece(ahead[i] + at, kPiece);
#pragma GCC unroll 4
      for (std::int64_t q = 0; q < kPiece; ++q) term();
    }
#pragma GCC unroll 4
    for (; p < run; ++p) term();
    go_on(x_skip);
    if (kEven || tile.x_table == 0) continue;
    table += tile.x_table;
    ahead += tile.x_table;
    take();
  }
  // all of a kind together: one question for all vectors
  const std::int64_t tail = tile.tail;
  const std::int64_t y_row = tile.y_row;
  const auto each = [&](auto&& f) {
    float* row = tile.y_first;
    asm volatile("" : "+r"(row));  // else GCC works out the places of all rows for each f at once, and spills them
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i, row += y_row) {
      float* y = kEven ? row : y_rows[i] + y_offset;
#pragma GCC unroll 2
      for (std::int64_t j = 0; j < kVectors; ++j) {
        f(sum[i][j], y + j * kLanes, j + 1 < kVectors ? kLanes : tail);
      }
    }
  };
  if (tile.add) each([=](Vec& v, const float* y, std::int64_t n) { v += read(y, n); });
  if (tile.relu) each([=](Vec& v, const float*, std::int64_t) { v = relu(v); });
  if (tile.mask != nullptr) {
    const float* mask = tile.mask;
    const float* masked = tile.masked;
    each([=](Vec& v, const float* y, std::int64_t n) { v = read(mask + (y - masked), n) > 0.0F ? v : Vec{}; });
  }
  if (tile.stream) {
    each([=](const Vec& v, float* y, std::int64_t) { stream(y, v); });
  } else if (tail == kLanes) {
    each([=](const Vec& v, float* y, std::int64_t) { store(y, v); });
  } else {
    each([=](const Vec& v, float* y, std::int64_t n) {
      if (n == kLanes) {
        store(y, v);
      } else {
        store(y, v, n);
      }
    });
  }
}

using MultiplyRows = void (*)(const RowTile&);
template <Rows kRowsAre, std::int64_t kVectors, std::size_t... kM>
constexpr std::array<MultiplyRows, sizeof...(kM)> multiply_rows_table(std::index_sequence<kM...>) {
  return {&multiply_rows<static_cast<std::int64_t>(kM) + 1, kVectors, kRowsAre>...};
}
// With one vector, more rows: else there are too few sums to keep the adders busy.
constexpr std::int64_t kNarrowRows = NTL_ISA == 2 ? 14 : NTL_ISA == 1 ? 12 : 8;
template <Rows kRowsAre>
constexpr auto kMultiplyNarrow = multiply_rows_table<kRowsAre, 1>(std::make_index_sequence<kNarrowRows>());
template <Rows kRowsAre>
constexpr auto kMultiplyRows = multiply_rows_table<kRowsAre, 2>(std::make_index_sequence<kRows>());

template <Rows kRowsAre>
void multiply_tile_of_rows(const RowTile& tile, bool narrow, std::int64_t rows) {
  const auto index = static_cast<std::size_t>(rows - 1);
  (narrow ? kMultiplyNarrow<kRowsAre>[index] : kMultiplyRows<kRowsAre>[index])(tile);
}

// Tables lie among floats.
inline std::int64_t pointer_floats(std::int64_t pointers) {
  constexpr auto kEach = static_cast<std::int64_t>(sizeof(const float*));
  return round_up(pointers * kEach / static_cast<std::int64_t>(sizeof(float)), kLineFloats);
}

// ------------------------------------------------------------------------------------------------ few weights

// Where the weights are few, a strip holds the rows of x that some rows of results gather, with zeros for the padding, and
// taps that stand side by side are one run.

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
constexpr bool kParts = NTL_ISA == 2;

inline std::int64_t strip_floats(const Gather& g) {  // for a member
  const Strip strip = strip_of(g);
  return strip.floats() + (kParts ? 0 : 2 * pointer_floats(strip.rows * g.across.results));
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
  for (std::int64_t i = 0; i < strip.rows && !kParts; ++i) {
    for (std::int64_t j = 0; j < results; ++j) x_table[i * results + j] = own + i * strip.move + j * strip.pixel;
  }
  for_strips(g, strip, begin, end, own, [&](std::int64_t first, std::int64_t count) {
    const auto y_of = [&](std::int64_t i) {
      return g.y + place_of(g, {(first + i) / g.down.results, (first + i) % g.down.results, 0}) * g.width;
    };
    for (std::int64_t i = 0; i < count && !kParts; ++i) {
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
      if constexpr (!kParts) {
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

// ------------------------------------------------------------------------------------------------ many weights

// Of more weights, parts stay in the caches, and pixels are read where they lie in x.

// Runs of terms that lie side by side in x, the channels of a tap or, without padding, those of a row of taps; and how they are
// parted: what is added up at a time are whole runs, or a piece of one.
struct Parts {
  std::int64_t taps_across;  // with runs of their own
  std::int64_t runs;
  std::int64_t run;     // terms
  std::int64_t pieces;  // of a run
  std::int64_t count;

  std::int64_t longest_runs() const { return pieces > 1 ? 1 : ceil_div(runs, count); }
  std::int64_t longest() const { return pieces > 1 ? ceil_div(run, pieces) : longest_runs() * run; }
  std::int64_t begin(std::int64_t part) const {
    if (pieces == 1) return runs * part / count * run;
    return part / pieces * run + run * (part % pieces) / pieces;
  }
};
inline Parts parts_of(const Gather& g) {
  const GatherAxis& a = g.across;
  const bool inside = a.first >= 0 && a.first + (a.results - 1) * a.move + a.taps <= a.extent;
  const bool side_by_side = g.groups == 1 && a.step == 1 && inside && a.taps > 0;
  Parts p{};
  p.taps_across = side_by_side ? 1 : a.taps;
  p.runs = g.down.taps * p.taps_across;
  p.run = p.runs == 0 ? 0 : (side_by_side ? a.taps : 1) * g.depth;  // a phase may have no taps
  p.pieces = most(1, ceil_div(p.run, kDepth));
  p.count = most(1, p.pieces > 1 ? p.runs * p.pieces : ceil_div(p.runs, kDepth / most(1, p.run)));
  return p;
}

constexpr std::int64_t kNearWeights = 1 << 16;  // floats of a block, which stay in the second-level cache
// Of x, taken by tiles that together meet one panel of the weights before the next; all of it stays in the first-level cache.
constexpr std::int64_t kTogetherFloats = 1536;

// How a gather is cut; follows from the shape and the instruction set.
struct Blocks {
  Grid grid;           // of pixels and channels, for each group
  std::int64_t tiles;  // of the highest block
  std::int64_t runs;   // of the longest part

  std::int64_t pointers() const { return tiles * kRows * (runs + 1) + kRows; }  // a tile reads on by a run
};
inline Blocks blocks_of(const Gather& g) {
  const Parts parts = parts_of(g);
  const std::int64_t cols = kNearWeights / most(1, parts.longest()) / kCols * kCols;
  Blocks b{};
  b.grid = grid_of(g.pixels(), g.width, g.terms(), kBlockRows, limited(cols, kCols, kBlockCols), kEnoughTasks);
  b.tiles = ceil_div(b.grid.down.panels, b.grid.down.blocks);
  b.runs = parts.longest_runs();
  return b;
}
inline std::int64_t block_floats(const Gather& g) {  // for a member
  return round_up(parts_of(g).longest(), kLineFloats) + pointer_floats(blocks_of(g).pointers());
}

// Where a pixel's runs [begin, end) lie, kRows pointers apart; outside of x: at `zeros`.
inline void find_runs(const Gather& g, const Parts& parts, const Pixel& at, std::int64_t begin, std::int64_t end,
                      std::int64_t channel, const float* zeros, const float** out) {
  if (begin == end) return;
  const std::int64_t channels = g.groups * g.depth;
  const float* image = g.x + at.image * g.down.extent * g.across.extent * channels + channel;
  const std::int64_t left = g.across.first + at.col * g.across.move;
  const bool whole = begin == 0;  // a division for each pixel would be felt where its runs are few
  std::int64_t across = whole ? 0 : begin % parts.taps_across;
  std::int64_t row = g.down.first + at.row * g.down.move + (whole ? 0 : begin / parts.taps_across * g.down.step);
  for (std::int64_t run = begin; run < end; ++run, out += kRows) {
    const std::int64_t col = left + across * g.across.step;
    const bool inside = row >= 0 && row < g.down.extent && col >= 0 && col < g.across.extent;
    *out = inside ? image + (row * g.across.extent + col) * channels : zeros;
    if (++across < parts.taps_across) continue;
    across = 0;
    row += g.down.step;
  }
}

// A block of pixels and channels of one group.
inline void gather_block(const Gather& g, const float* weight, std::int64_t task, float* own) {
  const Blocks b = blocks_of(g);
  const Parts parts = parts_of(g);
  const std::int64_t group = task / b.grid.count();
  const Cut& down = b.grid.down;
  const Cut& across = b.grid.across;
  const std::int64_t block_row = task % b.grid.count() / across.blocks;
  const std::int64_t block_col = task % across.blocks;
  const std::int64_t top = down.begin(block_row) * kRows;
  const std::int64_t rows = least(down.begin(block_row + 1) * kRows, g.pixels()) - top;
  const std::int64_t left = across.begin(block_col) * kCols;
  const std::int64_t cols = least(across.begin(block_col + 1) * kCols, g.width) - left;
  const std::int64_t all = round_up(g.width, kCols);
  const std::int64_t tiles = ceil_div(rows, kRows);
  const std::int64_t panels = ceil_div(cols, kCols);
  float* zeros = own;
  const std::int64_t zero_floats = round_up(parts.longest(), kLineFloats);
  auto* y = reinterpret_cast<float**>(own + zero_floats);
  auto* x = const_cast<const float**>(y) + b.tiles * kRows;
  clear_run(zeros, zero_floats);
  const bool streamed = parts.count == 1 && !g.accumulate && g.width % kLineFloats == 0 &&
                        streams(g.y, g.pixels() * g.groups * g.width, kLineFloats);
  for (std::int64_t part = 0; part < parts.count; ++part) {
    const std::int64_t begin = parts.begin(part);
    const std::int64_t depth = parts.begin(part + 1) - begin;
    const std::int64_t run = least(depth, parts.run);
    const std::int64_t runs = depth == 0 ? 0 : depth / run;
    const std::int64_t first_run = depth == 0 ? 0 : begin / parts.run;
    const std::int64_t channel = group * g.depth + begin - first_run * parts.run;
    Pixel at = pixel_of(g, top);
    for (std::int64_t i = 0; i < rows; ++i, advance(g, at)) {
      y[i] = g.y + (place_of(g, at) * g.groups + group) * g.width;
      find_runs(g, parts, at, first_run, first_run + runs, channel, zeros, x + i / kRows * runs * kRows + i % kRows);
    }
    for (std::int64_t i = rows; i < tiles * kRows; ++i) {  // fetched, but not used
      for (std::int64_t r = 0; r < runs; ++r) x[(i / kRows * runs + r) * kRows + i % kRows] = zeros;
    }
    const bool last = part + 1 == parts.count;
    const float* panels_of_part = weight + (group * g.terms() + begin) * all + left * depth;
    const float* bias = part == 0 && g.bias != nullptr ? g.bias + group * g.width + left : nullptr;
    RowTile tile{.x_table = kRows,
                 .x_skip = -run,
                 .runs = runs,
                 .run = run,
                 .b_step = kCols,
                 .fetch = !streamed,
                 .stream = streamed,
                 .add = part > 0 || g.accumulate,
                 .relu = last && g.relu,
                 .mask = last ? g.mask : nullptr,
                 .masked = g.y};
    const std::int64_t share = ceil_div(kRows, most(1, panels));  // of a later tile's rows: each panel fetches its own
    const bool long_runs = run > kPiece;
    const std::int64_t together = limited(kTogetherFloats / most(1, kRows * depth), 1, tiles);
    for (std::int64_t first = 0; first < tiles; first += together) {
      const std::int64_t end = least(first + together, tiles);
      for (std::int64_t j = 0; j < panels; ++j) {
        const std::int64_t ahead = least(j * share, kRows);
        const std::int64_t ahead_rows = least(ahead + share, kRows) - ahead;
        const std::int64_t width = least(kCols, cols - j * kCols);
        tile.b = panels_of_part + j * kCols * depth;
        tile.y_offset = left + j * kCols;
        tile.tail = width > kLanes ? width - kLanes : width;
        if (bias != nullptr) tile.bias = bias + j * kCols;
        for (std::int64_t i = first; i < end; ++i) {
          tile.x = x + i * runs * kRows;
          tile.y = y + i * kRows;
          tile.ahead = tile.x + together * runs * kRows + ahead;
          tile.ahead_rows = i + together < tiles ? ahead_rows : 0;
          const std::int64_t height = least(kRows, rows - i * kRows);
          if (long_runs) {
            multiply_tile_of_rows<Rows::kTablesAhead>(tile, width <= kLanes, height);
            continue;
          }
          for (std::int64_t k = 0; k < tile.ahead_rows; ++k) {
            for (std::int64_t r = 0; r < runs; ++r) fetch_piece(tile.ahead[r * kRows + k], run);
          }
          multiply_tile_of_rows<Rows::kTables>(tile, width <= kLanes, height);
        }
      }
    }
  }
  if (streamed) drain();
}

// ------------------------------------------------------------------------------------------------ the gradient by many weights

// Boxes of pixels, one after the other: a tile of sums, terms by channels, is kept in registers while x and dy are multiplied over
// a box, or rather that part of it in which a tap meets x. The terms of a tap are channels of x, which are read where they lie;
// dy's channels are packed, for its panels are read by all terms and stay in the first-level cache.

constexpr std::int64_t kBoxPixels = 192;  // a panel of dy: 24 KiB
// Of a block of the weights: with them, x and dy of a box are in the second-level cache.
constexpr std::int64_t kBoxTerms = 1024;
constexpr std::int64_t kBoxChannels = 128;

// Boxes along each axis: of small images some together, of large ones parts.
struct Boxes {
  Cut images;
  Cut rows;
  Cut cols;

  std::int64_t count() const { return images.blocks * rows.blocks * cols.blocks; }
};
inline Boxes boxes_of(const Gather& g) {
  const auto cut = [](std::int64_t extent, std::int64_t fitting) {
    return Cut{extent, ceil_div(extent, most(1, fitting))};
  };
  Boxes b{};
  const std::int64_t row = most(1, g.across.results);
  b.cols = cut(g.across.results, kBoxPixels);
  b.rows = cut(g.down.results, b.cols.blocks > 1 ? 1 : kBoxPixels / row);
  b.images = cut(g.n, b.rows.blocks > 1 ? 1 : kBoxPixels / (row * most(1, g.down.results)));
  return b;
}

// What is added up.
struct Box {
  std::int64_t images;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t x_pixel;  // floats from one to the next
  std::int64_t x_row;
  std::int64_t x_image;
  std::int64_t x_line;  // to the terms of the next line
  std::int64_t dy_pixel;
  std::int64_t dy_row;
  std::int64_t dy_image;
};

// y += x^T dy: of each of kLines lines kM terms, kVectors vectors of channels.
template <std::int64_t kLines, std::int64_t kM, std::int64_t kVectors>
void weigh_box(const Box& box, const float* x, const float* dy, float* y, std::int64_t y_row) {
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kLines * kM; ++i) {
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kVectors * kLanes; j += kLineFloats) __builtin_prefetch(y + i * y_row + j, 1);
  }
  Vec sum[kLines * kM][kVectors] = {};
  const std::int64_t x_pixel = box.x_pixel;
  const std::int64_t x_line = box.x_line;
  const std::int64_t dy_pixel = box.dy_pixel;
  for (std::int64_t image = 0; image < box.images; ++image) {
    for (std::int64_t row = 0; row < box.rows; ++row) {
      const float* from = x + image * box.x_image + row * box.x_row;
      const float* up = dy + image * box.dy_image + row * box.dy_row;
      const std::int64_t ahead = box.x_row;  // steps between pixels are longer than the processor itself looks ahead
      for (std::int64_t p = 0; p < box.cols; ++p) {
        __builtin_prefetch(from + ahead);
        __builtin_prefetch(from + ahead + kM - 1);
        Vec v[kVectors];
#pragma GCC unroll 2
        for (std::int64_t j = 0; j < kVectors; ++j) {
          v[j] = load(up + j * kLanes);
#if NTL_ISA != 0
          asm("" : "+v"(v[j]));  // keeps it in a register
#endif
        }
#pragma GCC unroll 16
        for (std::int64_t i = 0; i < kLines * kM; ++i) {
          const Vec factor = splat(from[i / kM * x_line + i % kM]);
#pragma GCC unroll 2
          for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] += factor * v[j];
        }
        from += x_pixel;
        up += dy_pixel;
      }
    }
  }
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kLines * kM; ++i) {
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kVectors; ++j) {
      float* to = y + i * y_row + j * kLanes;
      store(to, load(to) + sum[i][j]);
    }
  }
}

using WeighBox = void (*)(const Box&, const float*, const float*, float*, std::int64_t);
template <std::int64_t kLines, std::int64_t kVectors, std::size_t... kM>
constexpr std::array<WeighBox, sizeof...(kM)> weigh_box_table(std::index_sequence<kM...>) {
  return {&weigh_box<kLines, static_cast<std::int64_t>(kM) + 1, kVectors>...};
}
constexpr auto kWeighNarrow = weigh_box_table<1, 1>(std::make_index_sequence<kNarrowRows>());
constexpr auto kWeighBox = weigh_box_table<1, 2>(std::make_index_sequence<kRows>());
// Of terms too few to keep the adders busy, a vector of channels: three lines at a time.
constexpr std::int64_t kFewTerms = 4;
constexpr auto kWeighLines = weigh_box_table<3, 1>(std::make_index_sequence<kFewTerms>());

// Blocks of the weights of a group: panels of channels by channels of x.
inline Grid boxes_grid(const Gather& g) {
  Grid grid{{ceil_div(g.width, kCols), ceil_div(g.width, kBoxChannels)},
            {g.depth, least(g.depth, ceil_div(g.terms(), kBoxTerms))}};
  // where slices of the pixels are too few for all members
  const double flops = flops_of(g.width, g.terms(), g.pixels());
  while (grid.count() * g.groups * boxes_of(g).count() < kEnoughTasks && grid.down.blocks < grid.down.panels &&
         flops > 2 * kTaskFlops * static_cast<double>(grid.count())) {
    grid.down.blocks = least(2 * grid.down.blocks, grid.down.panels);
  }
  return grid;
}
inline std::int64_t box_floats(const Grid& grid) {  // for a member
  return ceil_div(grid.down.panels, grid.down.blocks) * kCols * kBoxPixels;
}

// A block of the gradient by the weights from boxes [begin, end): of a group's [terms][width], of whole vectors.
inline void weights_boxes(const Gather& g, const Grid& grid, const float* dy, std::int64_t group, std::int64_t block,
                          std::int64_t begin, std::int64_t end, float* result, float* own) {
  const Boxes boxes = boxes_of(g);
  const std::int64_t left = grid.down.begin(block / grid.across.blocks) * kCols;
  const std::int64_t width = least(grid.down.begin(block / grid.across.blocks + 1) * kCols, g.width) - left;
  const std::int64_t first_term = grid.across.begin(block % grid.across.blocks);
  const std::int64_t terms = grid.across.begin(block % grid.across.blocks + 1) - first_term;
  const std::int64_t row = round_up(g.width, kLanes);
  const std::int64_t channels = g.groups * g.depth;
  const std::int64_t dy_channels = g.groups * g.width;
  constexpr std::int64_t kPanel = kBoxPixels * kCols;
  for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
    for (std::int64_t i = first_term; i < first_term + terms; ++i) {
      clear_over(result + (tap * g.depth + i) * row + left, width);
    }
  }
  Box box{};
  box.dy_pixel = kCols;
  box.x_pixel = g.across.move * channels;
  box.x_row = g.down.move * g.across.extent * channels;
  box.x_image = g.down.extent * g.across.extent * channels;
  for (std::int64_t number = begin; number < end; ++number) {
    const auto range = [](const Cut& cut, std::int64_t i) { return Range{cut.begin(i), cut.begin(i + 1)}; };
    const Range images = range(boxes.images, number / (boxes.rows.blocks * boxes.cols.blocks));
    const Range rows = range(boxes.rows, number / boxes.cols.blocks % boxes.rows.blocks);
    const Range cols = range(boxes.cols, number % boxes.cols.blocks);
    box.images = images.size();
    box.dy_row = cols.size() * kCols;
    box.dy_image = rows.size() * box.dy_row;
    float* to = own;
    for (std::int64_t image = images.begin; image < images.end; ++image) {
      for (std::int64_t r = rows.begin; r < rows.end; ++r, to += box.dy_row) {
        const std::int64_t pixel = (image * g.down.results + r) * g.across.results + cols.begin;
        pack<kCols>(dy + pixel * dy_channels + group * g.width + left, 1, dy_channels, width, cols.size(), to, kPanel);
      }
    }
    const float* image = g.x + images.begin * box.x_image + group * g.depth + first_term;
    for (std::int64_t j = 0; j < width; j += kCols) {
      const bool narrow = width - j <= kLanes;
      const std::int64_t tiles = ceil_div(terms, narrow ? kNarrowRows : kRows);
      for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
        const std::int64_t down = tap / g.across.taps;
        const std::int64_t across = tap % g.across.taps;
        const Range met_rows = results_inside(g.down, down, rows);
        const Range met_cols = results_inside(g.across, across, cols);
        box.rows = met_rows.size();
        box.cols = met_cols.size();
        if (box.rows == 0 || box.cols == 0) continue;
        const std::int64_t x_row = g.down.first + met_rows.begin * g.down.move + down * g.down.step;
        const std::int64_t x_col = g.across.first + met_cols.begin * g.across.move + across * g.across.step;
        const float* x = image + (x_row * g.across.extent + x_col) * channels;
        const float* up =
            own + j * kBoxPixels + (met_rows.begin - rows.begin) * box.dy_row + (met_cols.begin - cols.begin) * kCols;
        float* y = result + (tap * g.depth + first_term) * row + left + j;
        for (std::int64_t tile = 0; tile < tiles; ++tile) {
          const std::int64_t i = terms * tile / tiles;
          const auto height = static_cast<std::size_t>(terms * (tile + 1) / tiles - i - 1);
          (narrow ? kWeighNarrow[height] : kWeighBox[height])(box, x + i, up, y + i * row, row);
        }
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------ the gradient by few weights

inline std::int64_t strip_weights_tables(const Gather& g) { return kParts ? 0 : 2 * pointer_floats(g.terms()); }

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
  for (std::int64_t term = 0; term < g.terms() && !kParts; ++term) {
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
      if constexpr (!kParts) {
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
