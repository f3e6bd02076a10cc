// Gathers on the CPU, vectors of channels: pixels, and tiles of results. Included after gemm.hpp.
//
// A tile of results is kept in registers, as there, but nothing is packed except the weights: each row of a tile takes its terms
// where a table says, or evenly spaced, in x itself (conv_blocks.hpp) or in a strip of some of its rows (conv_strips.hpp). The
// gradient by the weights reads x there too.
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

// Where rows take their terms and put their sums: both evenly spaced, the terms alone, or as tables say. With kTablesAhead, rows
// of a later tile are fetched beside the products, a piece of each at a time: for more together, the processor would wait before
// it goes on.
enum class Rows : std::uint8_t { kEven, kEvenTerms, kTables, kTablesAhead };

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
  const float* b_ahead = nullptr;  // of rows of b that are wanted later: to be fetched beside each piece of a run,
  std::int64_t b_lines = 0;        // so many lines
  float* const* y = nullptr;       // of each row
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
  constexpr bool kEvenSums = kRowsAre == Rows::kEven;
  constexpr bool kEven = kEvenSums || kRowsAre == Rows::kEvenTerms;
  float* const* y_rows = tile.y;
  const std::int64_t y_offset = tile.y_offset;
  if (!kEvenSums && tile.fetch) {
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
  const float* b_ahead = tile.b_ahead;
  const std::int64_t b_lines = tile.b_lines;
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
      const float* const element = from[i / kEach] + i % kEach * x_row + at;
      if (kVectors == 1 || i >= kM / 2) {
#pragma GCC unroll 2
        for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] = add_product(sum[i][j], element, row[j]);
        continue;
      }
      const Vec v = splat(*element);
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
      for (std::int64_t i = 0; i < b_lines; ++i, b_ahead += kLineFloats) __builtin_prefetch(b_ahead, 0, 2);
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
      float* y = kEvenSums ? row : y_rows[i] + y_offset;
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

}  // namespace
}  // namespace nautile::NTL_TARGET
