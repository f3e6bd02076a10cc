// The matrix product y = a b for any strides of a and b. Included after vec.hpp.
//
// y is cut into blocks; a block is one task, done by one member with memory of its own, over all of k: no sum is ever
// split between members. Within a block, k is cut into even parts of at most kDepth; for each part, a and b are packed
// into panels as the micro-kernel reads them, kRows rows of a and kCols columns of b at a time, and the micro-kernel
// keeps a kRows x kCols tile of y in registers (Goto and van de Geijn 2008). A panel of a (21 KiB) stays in the
// first-level cache while the panels of b stream by from the second. A single row is multiplied without packing.
namespace nautile::NTL_TARGET {
namespace {

// 28, 12 and 8 accumulators of the 32, 16 and 16 vector registers.
constexpr std::int64_t kRows = NTL_ISA == 2 ? 14 : NTL_ISA == 1 ? 6 : 4;
constexpr std::int64_t kCols = 2 * kLanes;
constexpr std::int64_t kDepth = 384;
constexpr std::int64_t kBlockRows = 168;  // a multiple of every kRows; a's panels: 252 KiB
constexpr std::int64_t kBlockCols = 384;  // b's panels: 576 KiB; both fit a second-level cache of 1 MiB
constexpr double kSerialFlops = 4e6;      // below, a parallel region costs more than it saves
constexpr double kTaskFlops = 1e6;        // blocks are made smaller for more threads down to this
constexpr std::int64_t kEnoughTasks = 16;

struct Gemm {
  const float* a;
  const float* b;
  float* y;
  std::int64_t batch;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  std::int64_t a_batch;
  std::int64_t a_row;
  std::int64_t a_col;
  std::int64_t b_batch;
  std::int64_t b_row;
  std::int64_t b_col;
  std::int64_t y_batch;
  std::int64_t y_row;
  const float* bias;  // [n], added once to each row of y; may be null
  bool accumulate;
};

constexpr std::int64_t round_up(std::int64_t x, std::int64_t step) { return ceil_div(x, step) * step; }
constexpr std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// How y is cut; a function of the shape and the instruction set.
struct Blocks {
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t down;
  std::int64_t across;
  std::int64_t count;
};
inline Blocks blocks_of(const Gemm& g) {
  if (g.batch == 0 || g.m == 0 || g.n == 0) return {1, 1, 0, 0, 0};
  std::int64_t rows = least(round_up(g.m, kRows), kBlockRows);
  std::int64_t cols = least(round_up(g.n, kCols), kBlockCols);
  const auto count = [&] { return g.batch * ceil_div(g.m, rows) * ceil_div(g.n, cols); };
  const auto flops = [&] {
    return 2.0 * static_cast<double>(least(rows, g.m)) * static_cast<double>(cols) * static_cast<double>(g.k);
  };
  while (count() < kEnoughTasks && flops() > 2 * kTaskFlops && (rows > kRows || cols > kCols)) {
    if (cols > kCols && (cols >= rows || rows <= kRows)) {
      cols = round_up(cols / 2, kCols);
    } else {
      rows = round_up(rows / 2, kRows);
    }
  }
  return {rows, cols, ceil_div(g.m, rows), ceil_div(g.n, cols), count()};
}

inline std::int64_t gemm_tasks(const Gemm& g) {
  const double flops = 2.0 * static_cast<double>(g.batch) * static_cast<double>(g.m) * static_cast<double>(g.n) *
                       static_cast<double>(g.k);
  return flops < kSerialFlops ? 1 : blocks_of(g).count;
}

// Bytes for each member: the panels of a and of b. Stores of whole vectors may run over a panel's end by a vector.
inline std::int64_t gemm_workspace(const Gemm& g) {
  const Blocks blocks = blocks_of(g);
  const std::int64_t depth = least(g.k, kDepth);
  const std::int64_t floats = round_up(blocks.rows * depth + kLanes, kLanes) + blocks.cols * depth + kLanes;
  return round_up(floats * static_cast<std::int64_t>(sizeof(float)), 64);
}

// ------------------------------------------------------------------------------------------------ packing

// Transposes a square of kLanes vectors: log2(kLanes) perfect shuffles of the rows.
inline void transpose(Vec (&v)[kLanes]) {
  IntVec low;
  IntVec high;
  for (std::int32_t i = 0; i < kLanes; ++i) {
    low[i] = i / 2 + (i % 2) * static_cast<std::int32_t>(kLanes);
    high[i] = low[i] + static_cast<std::int32_t>(kLanes / 2);
  }
  for (std::int64_t stage = 1; stage < kLanes; stage *= 2) {
    Vec t[kLanes];
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes / 2; ++i) {
      t[2 * i] = __builtin_shuffle(v[i], v[i + kLanes / 2], low);
      t[2 * i + 1] = __builtin_shuffle(v[i], v[i + kLanes / 2], high);
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes; ++i) v[i] = t[i];
  }
}

// One panel: out[p * kWidth + i] = x[i * across + p * along] for i < width and p < depth, 0 for width <= i < kWidth.
template <std::int64_t kWidth>
void pack_panel(const float* x, std::int64_t across, std::int64_t along, std::int64_t width, std::int64_t depth,
                float* out) {
  if (across == 1) {  // a panel's rows lie in memory as they are wanted
    for (std::int64_t p = 0; p < depth; ++p) {
      const float* row = x + p * along;
      float* to = out + p * kWidth;
#pragma GCC unroll 4
      for (std::int64_t i = 0; i < kWidth; i += kLanes) {
        if (i + kLanes <= width) {
          store(to + i, load(row + i));
        } else {
          store(to + i, i < width ? load(row + i, width - i) : Vec{});
        }
      }
    }
    return;
  }
  if (along == 1) {  // squares are turned in registers
    for (std::int64_t p = 0; p < depth; p += kLanes) {
      const std::int64_t count = least(kLanes, depth - p);
      for (std::int64_t i = 0; i < kWidth; i += kLanes) {
        Vec v[kLanes];
        for (std::int64_t lane = 0; lane < kLanes; ++lane) {
          const float* from = x + (i + lane) * across + p;
          v[lane] = i + lane >= width ? Vec{} : count == kLanes ? load(from) : load(from, count);
        }
        transpose(v);
        // for a width that is no multiple of kLanes, each row's end is overwritten by the next row
        for (std::int64_t q = 0; q < count; ++q) store(out + (p + q) * kWidth + i, v[q]);
      }
    }
    return;
  }
  for (std::int64_t p = 0; p < depth; ++p) {
    for (std::int64_t i = 0; i < kWidth; ++i) out[p * kWidth + i] = i < width ? x[i * across + p * along] : 0.0F;
  }
}

template <std::int64_t kWidth>
void pack(const float* x, std::int64_t across, std::int64_t along, std::int64_t count, std::int64_t depth, float* out) {
  for (std::int64_t i = 0; i < count; i += kWidth) {
    pack_panel<kWidth>(x + i * across, across, along, least(kWidth, count - i), depth, out + i * depth);
  }
}

// ------------------------------------------------------------------------------------------------ the micro-kernel

// A tile of y: kM rows, kVectors vectors of columns, the last of them `tail` wide.
struct Tile {
  float* y;
  std::int64_t row_step;
  std::int64_t tail;
  const float* bias;  // null: none
  bool add;           // to what y holds
};

// tile (+)= a b over one part of k. a: panel of kRows rows; b: rows of b_step floats.
template <std::int64_t kM, std::int64_t kVectors>
void multiply(std::int64_t depth, const float* a, const float* b, std::int64_t b_step, const Tile& tile) {
  Vec sum[kM][kVectors] = {};
  for (std::int64_t p = 0; p < depth; ++p) {
    Vec row[kVectors];
#pragma GCC unroll 4
    for (std::int64_t j = 0; j < kVectors; ++j) {
      row[j] = load(b + j * kLanes);
#if NTL_ISA != 0
      asm("" : "+v"(row[j]));  // keeps it in a register: GCC would read it again in each of the kM products
#endif
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i) {
      const Vec x = splat(a[i]);
#pragma GCC unroll 4
      for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] += x * row[j];
    }
    a += kRows;
    b += b_step;
  }
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kM; ++i) {
    float* y = tile.y + i * tile.row_step;
#pragma GCC unroll 4
    for (std::int64_t j = 0; j < kVectors; ++j) {
      const std::int64_t col = j * kLanes;
      Vec v = sum[i][j];
      if (j + 1 < kVectors || tile.tail == kLanes) {
        if (tile.add) v += load(y + col);
        if (tile.bias != nullptr) v += load(tile.bias + col);
        store(y + col, v);
      } else {
        if (tile.add) v += load(y + col, tile.tail);
        if (tile.bias != nullptr) v += load(tile.bias + col, tile.tail);
        store(y + col, v, tile.tail);
      }
    }
  }
}

using Multiply = void (*)(std::int64_t, const float*, const float*, std::int64_t, const Tile&);

// The micro-kernels for 1 to kRows rows and 1 or 2 vectors of columns: tails cost their share, not a whole tile.
template <std::int64_t kVectors, std::size_t... kM>
constexpr std::array<Multiply, sizeof...(kM)> multiply_table(std::index_sequence<kM...>) {
  return {&multiply<static_cast<std::int64_t>(kM) + 1, kVectors>...};
}
constexpr std::array<std::array<Multiply, kRows>, 2> kMultiply = {multiply_table<1>(std::make_index_sequence<kRows>()),
                                                                  multiply_table<2>(std::make_index_sequence<kRows>())};

// ------------------------------------------------------------------------------------------------ a single row

// For a single row a, y[0..cols) (+)= a b over one part of k without packing: each element of b is wanted once.

// b with contiguous columns: several dot products at a time, each summed by lanes.
inline void multiply_row_by_columns(const float* a, const float* b, std::int64_t b_col, std::int64_t cols,
                                    std::int64_t depth, float* y, const float* bias, bool add) {
  constexpr std::int64_t kDots = 6;
  for (std::int64_t j = 0; j < cols; j += kDots) {
    const std::int64_t width = least(kDots, cols - j);
    const float* column[kDots];
    for (std::int64_t i = 0; i < kDots; ++i) column[i] = b + (i < width ? j + i : j) * b_col;
    Vec total[kDots] = {};
    for_vectors(depth, [&](std::int64_t p, std::int64_t n) {
      if (n == kLanes) {
        const Vec x = load(a + p);
#pragma GCC unroll 6
        for (std::int64_t i = 0; i < kDots; ++i) total[i] += x * load(column[i] + p);
      } else {
        const Vec x = load(a + p, n);
#pragma GCC unroll 6
        for (std::int64_t i = 0; i < kDots; ++i) total[i] += x * load(column[i] + p, n);
      }
    });
    for (std::int64_t i = 0; i < width; ++i) {
      y[j + i] = sum(total[i]) + (add ? y[j + i] : 0.0F) + (bias != nullptr ? bias[j + i] : 0.0F);
    }
  }
}

// b with contiguous rows: read row after row, as memory likes it, four at a time; `sums` holds cols floats. The order of a
// sum, and so its bits, are those of the micro-kernel.
inline void multiply_row_by_rows(const float* a, std::int64_t a_col, const float* b, std::int64_t b_row,
                                 std::int64_t cols, std::int64_t depth, float* sums, float* y, const float* bias,
                                 bool add) {
  std::memset(sums, 0, static_cast<std::size_t>(cols) * sizeof(float));
  constexpr std::int64_t kRowsOfB = 4;
  for (std::int64_t p = 0; p < depth; p += kRowsOfB) {
    Vec x[kRowsOfB];
    const float* row[kRowsOfB];
    for (std::int64_t i = 0; i < kRowsOfB; ++i) {
      const std::int64_t q = least(p + i, depth - 1);
      x[i] = p + i < depth ? splat(a[q * a_col]) : Vec{};
      row[i] = b + q * b_row;
    }
    const bool four = p + kRowsOfB <= depth;
    for_vectors(cols, [&](std::int64_t j, std::int64_t n) {
      if (n == kLanes && four) {
        Vec s = load(sums + j);
#pragma GCC unroll 4
        for (std::int64_t i = 0; i < kRowsOfB; ++i) s += x[i] * load(row[i] + j);
        store(sums + j, s);
      } else {
        Vec s = load(sums + j, n);
        for (std::int64_t i = 0; i < least(kRowsOfB, depth - p); ++i) s += x[i] * load(row[i] + j, n);
        store(sums + j, s, n);
      }
    });
  }
  for (std::int64_t j = 0; j < cols; ++j) {
    y[j] = sums[j] + (add ? y[j] : 0.0F) + (bias != nullptr ? bias[j] : 0.0F);
  }
}

// ------------------------------------------------------------------------------------------------ a block

inline void gemm_block(const Gemm& g, const float* a, const float* b, float* y, const float* bias, std::int64_t rows,
                       std::int64_t cols, float* a_panels, float* b_panels) {
  // b is read where it lies when it is read only once or twice and its rows are whole vectors
  const bool direct = g.b_col == 1 && rows <= 2 * kRows && cols % kLanes == 0;
  const std::int64_t parts = g.k > 0 ? ceil_div(g.k, kDepth) : 1;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = g.k * part / parts;
    const std::int64_t depth = g.k * (part + 1) / parts - begin;
    const bool add = g.accumulate || part > 0;
    const float* added = part + 1 == parts ? bias : nullptr;
    if (g.m == 1 && g.a_col == 1 && g.b_row == 1) {
      multiply_row_by_columns(a + begin, b + begin, g.b_col, cols, depth, y, added, add);
      continue;
    }
    if (g.m == 1 && g.b_col == 1 && depth > 0) {
      multiply_row_by_rows(a + begin * g.a_col, g.a_col, b + begin * g.b_row, g.b_row, cols, depth, b_panels, y, added,
                           add);
      continue;
    }
    pack<kRows>(a + begin * g.a_col, g.a_row, g.a_col, rows, depth, a_panels);
    if (!direct) pack<kCols>(b + begin * g.b_row, g.b_col, g.b_row, cols, depth, b_panels);
    for (std::int64_t i = 0; i < rows; i += kRows) {
      const std::int64_t height = least(kRows, rows - i);
      for (std::int64_t j = 0; j < cols; j += kCols) {
        const std::int64_t width = least(kCols, cols - j);
        const std::int64_t vectors = ceil_div(width, kLanes);
        const Tile tile{y + i * g.y_row + j, g.y_row, width - (vectors - 1) * kLanes,
                        added == nullptr ? nullptr : added + j, add};
        const float* columns = direct ? b + begin * g.b_row + j : b_panels + j * depth;
        kMultiply[static_cast<std::size_t>(vectors - 1)][static_cast<std::size_t>(height - 1)](
            depth, a_panels + i * depth, columns, direct ? g.b_row : kCols, tile);
      }
    }
  }
}

// `own` is this member's part of the workspace.
inline void gemm(const Gemm& g, std::byte* own, const Team& team) {
  const Blocks blocks = blocks_of(g);
  auto* a_panels = reinterpret_cast<float*>(own);
  float* b_panels = a_panels + round_up(blocks.rows * least(g.k, kDepth) + kLanes, kLanes);
  for_tasks(team, blocks.count, [&](std::int64_t task) {
    const std::int64_t matrix = task / (blocks.down * blocks.across);
    const std::int64_t i = task / blocks.across % blocks.down * blocks.rows;
    const std::int64_t j = task % blocks.across * blocks.cols;
    gemm_block(g, g.a + matrix * g.a_batch + i * g.a_row, g.b + matrix * g.b_batch + j * g.b_col,
               g.y + matrix * g.y_batch + i * g.y_row + j, g.bias == nullptr ? nullptr : g.bias + j,
               least(blocks.rows, g.m - i), least(blocks.cols, g.n - j), a_panels, b_panels);
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
