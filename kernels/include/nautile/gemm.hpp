// The matrix product y = a b for any strides of a and b. Included after gemm_row.hpp.
//
// k is cut into even parts of at most kDepth. For each part a and b are packed into panels as the micro-kernel reads them, kRows
// rows of a and kCols columns of b at a time, and multiplied: the micro-kernel keeps a kRows x kCols tile of y in registers.
// For a large y the members of a team pack together, wait for each other, and share its blocks; of a smaller one each has a
// block that it packs for alone. No sum is ever split between members. Within a block, the panels of one operand stream past
// a panel of the other that stays in the first-level cache (Goto and van de Geijn 2008). A single row is multiplied without
// packing.
//
// Where the precision allows it, panels hold pairs of bf16 (gemm_pairs.hpp). A word, the size of a float, is then two terms of a
// sum, and everything that counts depth counts words. With AMX the words meet in tiles (gemm_tiles.hpp); a step then has few
// columns, whose panels of b stay in the second-level cache while a's, packed once for all columns, pass by.
namespace nautile::NTL_TARGET {
namespace {

// ------------------------------------------------------------------------------------------------ the micro-kernel

// A tile of y: kM rows, kVectors vectors of columns, the last of them `tail` wide.
struct Tile {
  float* y;
  std::int64_t row_step;
  std::int64_t tail;
  const float* bias;  // null: none
  bool add;           // to what y holds
  std::int64_t a_step;
  bool streamed;         // past the caches: the tile's rows are whole lines, and nothing is added
  const float* ahead;    // fetched meanwhile: with kAsRows the rows of a later tile, else a panel; null: nothing
  std::int64_t b_panel;  // from a panel of b to the next, of which a wide tile takes two
};

constexpr std::int64_t kAsRows = -1;
constexpr std::int64_t kAheadTerms = 16;  // after which more of what lies ahead is fetched
constexpr std::int64_t kAheadFloats = 8;  // of a panel ahead, for each term

// sum + *element * row. AVX-512's product reads the element itself, which saves the instruction that copies it to all lanes, but
// reads it again for the next vector: one half of a tile's rows each way measures best where a neighbour on the core takes its
// share of instructions or of loads.
inline Vec add_product(Vec sum, const float* element, Vec row) {
#if NTL_ISA == 2
  asm("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(row), "m"(*element));
  return sum;
#else
  return sum + splat(*element) * row;
#endif
}

// tile (+)= a b over one part of k. a: panel of kRows rows, whose columns are kStep apart, or a_step if kStep is 0; with kAsRows
// rows that are a_step apart. b: rows of b_step floats. Of a, b and depth with kPairs: pairs of bf16 for floats.
template <bool kPairs, std::int64_t kM, std::int64_t kVectors, std::int64_t kStep>
void multiply(std::int64_t depth, const float* a, const float* b, std::int64_t b_step, const Tile& tile) {
  if (!tile.streamed) {
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i) {
#pragma GCC unroll 4
      for (std::int64_t j = 0; j < kVectors * kLanes; j += kLineFloats) {
        __builtin_prefetch(tile.y + i * tile.row_step + j, 1);
      }
    }
  }
  constexpr std::int64_t kEach = 3;  // rows that one pointer reaches
  constexpr std::int64_t kPointers = (kM + kEach - 1) / kEach;
  const float* rows[kPointers];
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kPointers && kStep == kAsRows; ++i) rows[i] = a + i * kEach * tile.a_step;
  Vec sum[kM][kVectors] = {};
  const auto add_term = [&] {
    Vec row[kVectors];
#pragma GCC unroll 4
    for (std::int64_t j = 0; j < kVectors; ++j) {
      Vec v = load(b + j / 2 * tile.b_panel + j % 2 * kLanes);
#if NTL_ISA != 0
      asm("" : "+v"(v));  // keeps it in a register: GCC would read it again in each of the kM products
#endif
      row[j] = v;
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i) {
      const float* const element = kStep == kAsRows ? &rows[i / kEach][i % kEach * tile.a_step] : a + i;
      if (!kPairs && (kVectors == 1 || (kVectors == 2 && i >= kM / 2))) {
#pragma GCC unroll 4
        for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] = add_product(sum[i][j], element, row[j]);
        continue;
      }
      const Vec x = kPairs ? splat_pair(element) : splat(*element);
#pragma GCC unroll 4
      for (std::int64_t j = 0; j < kVectors; ++j) {
        if constexpr (kPairs) {
          sum[i][j] = add_products(sum[i][j], x, row[j]);
        } else {
          sum[i][j] += x * row[j];
        }
      }
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kPointers && kStep == kAsRows; ++i) ++rows[i];
    a += kStep > 0 ? kStep : tile.a_step;
    b += b_step;
  };
  const std::int64_t step = tile.ahead == nullptr ? depth : kAheadTerms;
  for (std::int64_t p = 0; p < depth; p += step) {
    if (tile.ahead != nullptr) {
      const float* const ahead = tile.ahead + p * (kStep == kAsRows ? 1 : kAheadFloats);
      constexpr std::int64_t kLines = kStep == kAsRows ? kM : kAheadTerms * kAheadFloats / kLineFloats;
      const std::int64_t line_step = kStep == kAsRows ? tile.a_step : kLineFloats;
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kLines; ++i) __builtin_prefetch(ahead + i * line_step, 0, 2);
    }
    const std::int64_t end = least(step, depth - p);
#pragma GCC unroll 4  // beside a neighbour on the same core, instructions count more than loads or products
    for (std::int64_t q = 0; q < end; ++q) add_term();
  }
  // All of y's vectors are asked the same questions, so once: where k is short, the end of a tile counts.
  float* const y = tile.y;
  const float* const bias = tile.bias;
  const std::int64_t row_step = tile.row_step;
  const std::int64_t tail = tile.tail;
  const bool add = tile.add;
  const auto finish = [&](auto whole) {
    const auto for_sums = [&](auto&& f) {
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kM; ++i) {
#pragma GCC unroll 4
        for (std::int64_t j = 0; j < kVectors; ++j)
          f(sum[i][j], y + i * row_step, j * kLanes, whole || j + 1 < kVectors);
      }
    };
    if (add) {
      for_sums([&](Vec& v, const float* row, std::int64_t col, bool full) {
        v += full ? load(row + col) : load(row + col, tail);
      });
    }
    if (bias != nullptr) {
      for_sums([&](Vec& v, const float*, std::int64_t col, bool full) {
        v += full ? load(bias + col) : load(bias + col, tail);
      });
    }
    if (whole && tile.streamed) {
      for_sums([=](Vec v, float* row, std::int64_t col, bool) { stream(row + col, v); });
      return;
    }
    for_sums([&](Vec v, float* row, std::int64_t col, bool full) {
      full ? store(row + col, v) : store(row + col, v, tail);
    });
  };
  tail == kLanes ? finish(std::true_type{}) : finish(std::false_type{});
}

using Multiply = void (*)(std::int64_t, const float*, const float*, std::int64_t, const Tile&);

// The micro-kernels for 1 to kRows rows and 1 or 2 vectors of columns: tails cost their share, not a whole tile.
template <bool kPairs, std::int64_t kVectors, std::int64_t kStep, std::size_t... kM>
constexpr std::array<Multiply, sizeof...(kM)> multiply_table(std::index_sequence<kM...>) {
  return {&multiply<kPairs, static_cast<std::int64_t>(kM) + 1, kVectors, kStep>...};
}
template <std::int64_t kStep, bool kPairs>
constexpr std::array<std::array<Multiply, kRows>, 2> kMultiply = {
    multiply_table<kPairs, 1, kStep>(std::make_index_sequence<kRows>()),
    multiply_table<kPairs, 2, kStep>(std::make_index_sequence<kRows>())};

// For 3 and 4 vectors, and 1 to kWideRows rows of a that are read where they lie.
constexpr std::array<std::array<Multiply, kWideRows>, 2> kMultiplyWide = {
    multiply_table<false, 3, kAsRows>(std::make_index_sequence<kWideRows>()),
    multiply_table<false, 4, kAsRows>(std::make_index_sequence<kWideRows>())};

// A tile of height x width, at most kRows x kCols.
template <std::int64_t kStep, bool kPairs = false>
void multiply_tile(std::int64_t height, std::int64_t width, std::int64_t depth, const float* a, const float* b,
                   std::int64_t b_step, float* y, std::int64_t y_row, const float* bias, bool add,
                   std::int64_t a_step = kStep, bool streamed = false, const float* ahead = nullptr) {
  const std::int64_t vectors = ceil_div(width, kLanes);
  kMultiply<kStep, kPairs>[static_cast<std::size_t>(vectors - 1)][static_cast<std::size_t>(height - 1)](
      depth, a, b, b_step, {y, y_row, width - (vectors - 1) * kLanes, bias, add, a_step, streamed, ahead, 0});
}

// ------------------------------------------------------------------------------------------------ the product

// Panels of b, packed beforehand, that the step after one reads; null: none.
struct NextPanels {
  const float* b;
  std::int64_t cols;
  std::int64_t depth;
};

// One step: rows x cols of y (+)= a b over one part of k.
struct Step {
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t depth;  // in words
  std::int64_t terms;
  const float* a;
  const float* b;  // packed beforehand, its panels
  NextPanels next;
  float* y;
  const float* bias;  // null: none
  bool add;           // to what y holds
  bool last;          // part of k
  bool streamed;      // y, past the caches
  bool packs_a;       // else it was packed for the step before
  bool packs_b;
  float* a_panels;
  float* b_panels;
  float* counters;  // of each member, how many of its blocks are taken; for a team of several
};

inline std::int64_t* counter(const Step& step, std::int64_t rank) {
  return reinterpret_cast<std::int64_t*>(step.counters + rank * kCounterFloats);
}

// Each member packs an even share of panels, a few at a time, since one of each lies in the same places of the first-level cache.
template <typename F>
void for_panels(std::int64_t extent, std::int64_t width, const Team& team, F&& f) {
  const Cut shares{ceil_div(extent, width), team.size};
  const std::int64_t end = least(shares.begin(team.rank + 1) * width, extent);
  for (std::int64_t i = shares.begin(team.rank) * width; i < end; i += kPackPanels * width) {
    f(i, least(kPackPanels * width, end - i));
  }
}

// The panels of b over one part of k.
inline void pack_b(const Gemm& g, [[maybe_unused]] bool pairs, const float* b, std::int64_t cols, std::int64_t depth,
                   [[maybe_unused]] std::int64_t terms, float* panels, const Team& team) {
  for_panels(cols, kCols, team, [&](std::int64_t j, std::int64_t width) {
    const float* from = b + j * g.b_col;
    float* to = panels + j * depth;
#if NTL_ISA == 2
    if (pairs) {
      pack_pairs<kCols>(from, g.b_col, g.b_row, width, terms, to, kCols * depth);
      const std::int64_t filled = ceil_div(terms, 2) * kCols;
      for (std::int64_t panel = 0; panel < width; panel += kCols, to += kCols * depth) {
        for (std::int64_t i = filled; i < kCols * depth; i += kLanes) store(to + i, Vec{});
      }
      return;
    }
#endif
    pack<kCols>(from, g.b_col, g.b_row, width, depth, to, kCols * depth);
  });
}

// A member's share of a is where its blocks of y are.
inline void pack_operands(const Gemm& g, const Steps& s, const Step& step, const Team& team) {
  if (!s.rows_of_a && step.packs_a) {
    const std::int64_t height = panel_rows(step.rows, s.height);
    for_panels(step.rows, height, team, [&](std::int64_t i, std::int64_t rows) {
#if NTL_ISA == 2
      if (s.tiles) {
        return pack_tiles(step.a + i * g.a_row, g.a_row, g.a_col, rows, step.terms, step.depth,
                          step.a_panels + i / height * s.a_panel, s.a_panel);
      }
#endif
      const std::int64_t at_once = height == kRows ? rows : height;
      for (std::int64_t end = i + rows; i < end; i += at_once) {
        const float* from = step.a + i * g.a_row;
        float* to = step.a_panels + i / height * s.a_panel;
        const std::int64_t count = least(at_once, end - i);
#if NTL_ISA == 2
        if (s.pairs) {
          pack_pairs<kRows>(from, g.a_row, g.a_col, count, step.terms, to, s.a_panel);
          continue;
        }
#endif
        pack<kRows>(from, g.a_row, g.a_col, count, step.depth, to, s.a_panel);
      }
    });
  }
  if (!s.direct && !s.packed && step.packs_b)
    pack_b(g, s.pairs, step.b, step.cols, step.depth, step.terms, step.b_panels, team);
}

// A part of k, in words and in terms.
struct Part {
  std::int64_t first;  // word
  std::int64_t depth;  // words
  std::int64_t begin;  // the first term
  std::int64_t terms;
};
inline Part part_of(const Gemm& g, const Steps& s, std::int64_t number) {
  const std::int64_t units = s.words / s.unit;
  const std::int64_t first = units * number / s.parts * s.unit;
  const std::int64_t depth = units * (number + 1) / s.parts * s.unit - first;
  const std::int64_t begin = s.pairs ? 2 * first : first;
  return {first, depth, begin, s.pairs ? least(2 * depth, g.k - begin) : depth};
}

// Packs b beforehand: for each part of k its panels, as if all of y were computed in one step. The bytes, which follow from the
// shape and the precision; 0 if b is not one matrix for all of the batch, or is narrower than a panel, which would take
// more of the first-level cache than b does where it lies.
inline std::int64_t prepack_b(const Gemm& g, float* packed) {
  if (empty(g) || g.k == 0 || g.n < kCols || (g.batch > 1 && g.b_batch != 0)) return 0;
  const Steps s = steps_of(g, g.m, g.n, 1);
  const std::int64_t cols = round_up(g.n, kCols);
  for (std::int64_t i = 0; packed != nullptr && i < s.parts; ++i) {
    const Part part = part_of(g, s, i);
    pack_b(g, s.pairs, g.b + part.begin * g.b_row, g.n, part.depth, part.terms, packed + part.first * cols, Team{});
  }
  return cols * s.words * static_cast<std::int64_t>(sizeof(float));
}

// g with its b packed beforehand; null: not.
inline Gemm with_packed(Gemm g, const float* packed) {
  g.packed = packed;
  g.packed_cols = round_up(g.n, kCols);
  return g;
}
// Where the panels of the columns from j on are, for a part of k.
inline const float* packed_panels(const Gemm& g, const Part& part, std::int64_t j) {
  return g.packed + part.first * g.packed_cols + (g.packed_col + j) * part.depth;
}

// Panels that will be wanted next: each tile of those before them fetches a piece.
struct Ahead {
  const float* next;
  std::int64_t floats;
  const float* piece(std::int64_t depth) {
    if (floats <= 0) return nullptr;
    const float* const fetched = next;
    next += depth * kAheadFloats;
    floats -= depth * kAheadFloats;
    return fetched;
  }
};

#if NTL_ISA == 2
// The panels of a block: b's stay in the second level while those of a pass by.
template <typename Finish>
void multiply_tiles_of_block(const Gemm& g, const Steps& s, const Step& step, const Share& down, const Share& across,
                             const float* b, const Finish& finish) {
  const std::int64_t cols = least(across.end * kCols, step.cols) - across.begin * kCols;
  const std::int64_t last = ceil_div(step.rows, kTileRows) - 1;
  for (std::int64_t row = down.begin; row < down.end; ++row) {
    const std::int64_t next = least(row + 1, last);
    float* const y = step.y + row * kTileRows * g.y_row + across.begin * kCols;
    float* const next_y = step.y + next * kTileRows * g.y_row + across.begin * kCols;
    const std::int64_t height = least(kTileRows, step.rows - row * kTileRows);
    for (std::int64_t j = 0; j < cols; j += kCols) {
      const std::int64_t panel = across.begin + j / kCols;
      const TilesAhead ahead{step.a_panels + next * s.a_panel, ceil_div(kTileRows, across.end - across.begin),
                             j / kCols, j + kCols < cols ? y + j + kCols : next_y};
      multiply_by_tiles(height, least(kCols, cols - j), step.depth, step.a_panels + row * s.a_panel,
                        b + panel * kCols * step.depth, y + j, g.y_row,
                        step.bias == nullptr ? nullptr : step.bias + panel * kCols, step.add, step.streamed, ahead);
    }
    if (step.last) finish(y, height, cols);
  }
}
#endif

template <typename Finish>
void multiply_operands(const Gemm& g, const Steps& s, const Step& step, const Team& team, const Finish& finish) {
  const float* b = s.direct || s.packed ? step.b : step.b_panels;
  const std::int64_t b_panel = s.direct ? kCols : kCols * step.depth;
  const std::int64_t b_row = s.direct ? g.b_row : kCols;
  const bool far = !s.direct && step.cols * step.depth > kNearFloats;
  const std::int64_t height = panel_rows(step.rows, s.height);
  const auto tile = [&](std::int64_t row_panel, std::int64_t col_panel, const float* ahead, std::int64_t panels = 1) {
    const std::int64_t i = row_panel * height;
    const std::int64_t j = col_panel * kCols;
    const std::int64_t rows = least(height, step.rows - i);
    const std::int64_t width = least(panels * kCols, step.cols - j);
    const float* b_from = b + col_panel * b_panel;
    float* y = step.y + i * g.y_row + j;
    const float* bias = step.bias == nullptr ? nullptr : step.bias + j;
#if NTL_ISA == 2
    if (s.pairs) {
      return multiply_tile<kRows, true>(rows, width, step.depth, step.a_panels + row_panel * s.a_panel, b_from, b_row,
                                        y, g.y_row, bias, step.add, kRows, step.streamed, ahead);
    }
#endif
    if (s.rows_of_a) {
      const auto vectors = static_cast<std::size_t>(ceil_div(width, kLanes));
      const std::int64_t tail = width - (ceil_div(width, kLanes) - 1) * kLanes;
      const bool wide = width > kCols;
      const std::int64_t at_once = wide ? kWideRows : s.rows_at_once;
      for (std::int64_t above = 0; above < rows; above += at_once) {
        const auto last = static_cast<std::size_t>(least(at_once, rows - above) - 1);
        const Multiply multiply_rows =
            wide ? kMultiplyWide[vectors - 3][last] : kMultiply<kAsRows, false>[vectors - 1][last];
        multiply_rows(step.depth, step.a + (i + above) * g.a_row, b_from, b_row,
                      {y + above * g.y_row, g.y_row, tail, bias, step.add, g.a_row, step.streamed,
                       ahead == nullptr ? nullptr : ahead + above * g.a_row, b_panel});
      }
    } else {
      multiply_tile<kRows>(rows, width, step.depth, step.a_panels + row_panel * s.a_panel, b_from, b_row, y, g.y_row,
                           bias, step.add, kRows, step.streamed, ahead);
    }
  };
  const Grid grid = s.grid(step.rows, step.cols);
  const auto multiply_block = [&](std::int64_t task, Ahead ahead) {
    const std::int64_t down = s.tiles ? task % grid.down.blocks : task / grid.across.blocks;
    const std::int64_t across = s.tiles ? task / grid.down.blocks : task % grid.across.blocks;
    const std::int64_t top = grid.down.begin(down);
    const std::int64_t bottom = grid.down.begin(down + 1);
    const std::int64_t left = grid.across.begin(across);
    const std::int64_t right = grid.across.begin(across + 1);
#if NTL_ISA == 2
    if (s.tiles) return multiply_tiles_of_block(g, s, step, {top, bottom}, {left, right}, b, finish);
#endif
    if (s.a_is_far) {
      for (std::int64_t row = top; row < bottom; ++row) {
        const float* const next_part = step.last ? nullptr : step.a + step.depth;
        const float* const next = row + 1 < grid.down.panels ? step.a + (row + 1) * height * g.a_row : next_part;
        for (std::int64_t col = left; col < right; col += s.b_at_once) {
          tile(row, col, col == left ? next : nullptr, least(s.b_at_once, right - col));
        }
      }
    } else if (kColumnsStay && step.depth > kShortDepth) {
      for (std::int64_t col = left; col < right; ++col) {
        Ahead panel = col + 1 < right ? Ahead{b + (col + 1) * b_panel, far ? b_panel : 0} : ahead;
        for (std::int64_t row = top; row < bottom; ++row) tile(row, col, panel.piece(step.depth));
      }
    } else {
      for (std::int64_t row = top; row < bottom; ++row) {
        for (std::int64_t col = left; col < right; ++col) tile(row, col, ahead.piece(step.depth));
      }
    }
    if (!step.last) return;
    const std::int64_t i = top * height;
    const std::int64_t j = left * kCols;
    finish(step.y + i * g.y_row + j, least(bottom * height, step.rows) - i, least(right * kCols, step.cols) - j);
  };
  const auto panels_of_block = [](const Grid& blocks, std::int64_t task, const float* panels, std::int64_t depth) {
    const std::int64_t across = task % blocks.across.blocks;
    const std::int64_t left = blocks.across.begin(across);
    return Ahead{panels + left * kCols * depth, (blocks.across.begin(across + 1) - left) * kCols * depth};
  };
  // after its last block a member begins the next step's range
  Ahead next{};
  if (step.next.b != nullptr) {
    const Grid blocks = s.grid(step.rows, step.next.cols);
    next = panels_of_block(blocks, Cut{blocks.count(), team.size}.begin(team.rank), step.next.b, step.next.depth);
  }
  // A member has a range of blocks of its own, near in its caches from one product to the next; when they are done, it takes
  // blocks of others: cores shared with others are not equally fast. Which member takes a block is nowhere in its result, and
  // the parts of k that add to it are apart by a barrier.
  const Cut ranges{grid.count(), team.size};
  for (std::int64_t i = 0; i < team.size; ++i) {
    const std::int64_t owner = (team.rank + i) % team.size;
    for (std::int64_t task = ranges.begin(owner);; ++task) {
      if (team.size > 1) task = ranges.begin(owner) + __atomic_fetch_add(counter(step, owner), 1, __ATOMIC_RELAXED);
      if (task >= ranges.begin(owner + 1)) break;
      const bool last = task + 1 == ranges.begin(owner + 1);
      multiply_block(task, last ? next : far ? panels_of_block(grid, task + 1, b, step.depth) : Ahead{});
    }
  }
}

// For a block of y that is complete as it is.
struct NoFinish {
  void operator()(float*, std::int64_t, std::int64_t) const {}
};

// All matrices of g, by all members together.
template <typename Finish>
void multiply_together(const Gemm& g, const Steps& s, float* workspace, const Team& team, const Finish& finish) {
  // past the caches, unless something finishes y, which is to be near for that
  const bool streamed = std::is_same_v<Finish, NoFinish> && s.parts == 1 && !g.accumulate && g.n % kLineFloats == 0 &&
                        g.y_row % kLineFloats == 0 && g.y_batch % kLineFloats == 0 &&
                        streams(g.y, g.batch * g.m * g.n, kLineFloats);
  const std::int64_t across = ceil_div(g.n, s.cols);
  const std::int64_t halves = least(team.size, 2);
  float* const a_panels = workspace + halves * team.size * kCounterFloats;
  float* const b_panels = a_panels + halves * s.a_floats;
  std::int64_t a_half = 0;
  std::int64_t b_half = 0;
  std::int64_t half = 0;
  for (std::int64_t matrix = 0; matrix < g.batch; ++matrix) {
    for (std::int64_t i = 0; i < g.m; i += s.rows) {
      for (std::int64_t number = 0; number < across * s.parts; ++number) {
        // with tiles a part of a meets all columns before the next is packed
        const std::int64_t j = (s.tiles ? number % across : number / s.parts) * s.cols;
        const std::int64_t part_number = s.tiles ? number / across : number % s.parts;
        NextPanels next{};
        if (s.packed && !s.tiles && number + 1 < across * s.parts) {
          const Part next_part = part_of(g, s, (number + 1) % s.parts);
          const std::int64_t next_j = (number + 1) / s.parts * s.cols;
          next = {packed_panels(g, next_part, next_j), least(s.cols, g.n - next_j), next_part.depth};
        }
        const bool packs_a = !s.tiles || j == 0;
        const bool packs_b = !s.tiles || i == 0 || across * s.parts > 1;
        if (team.size > 1) {
          if (packs_a) a_half = 1 - a_half;
          if (packs_b) b_half = 1 - b_half;
          half = 1 - half;
        }
        const Part part = part_of(g, s, part_number);
        const Step step{
            least(s.rows, g.m - i),
            least(s.cols, g.n - j),
            part.depth,
            part.terms,
            g.a + matrix * g.a_batch + i * g.a_row + part.begin * g.a_col,
            s.packed ? packed_panels(g, part, j) : g.b + matrix * g.b_batch + j * g.b_col + part.begin * g.b_row,
            next,
            g.y + matrix * g.y_batch + i * g.y_row + j,
            g.bias == nullptr || part_number + 1 < s.parts ? nullptr : g.bias + j,
            g.accumulate || part_number > 0,
            part_number + 1 == s.parts,
            streamed,
            packs_a,
            packs_b,
            a_panels + a_half * s.a_floats,
            b_panels + b_half * (s.floats - s.a_floats),
            workspace + half * team.size * kCounterFloats};
        // nobody takes tasks of two parts ago any more: all have met since
        __atomic_store_n(counter(step, team.rank), 0, __ATOMIC_RELAXED);
        pack_operands(g, s, step, team);
        team.barrier();
        multiply_operands(g, s, step, team, finish);
      }
    }
  }
  if (streamed) drain();
}

// A block of a single row.
template <typename Finish>
void multiply_row(const Gemm& g, const Steps& s, float* own, const Finish& finish) {
  const bool by_columns = g.a_col == 1 && g.b_row == 1;
  const bool by_rows = g.b_col == 1 && g.k > 0;
  if (s.packed) {
    for (std::int64_t i = 0; i < s.parts; ++i) {
      const Part part = part_of(g, s, i);
      multiply_row_by_panels(g.a + part.begin * g.a_col, g.a_col, packed_panels(g, part, 0), g.n, part.depth, g.y,
                             i + 1 < s.parts ? nullptr : g.bias, g.accumulate || i > 0);
    }
    return finish(g.y, 1, g.n);
  }
  if (!by_columns && !by_rows) return multiply_together(g, s, own, Team{}, finish);
  // columns of b are read from end to end
  const std::int64_t width = by_columns ? kLanes : g.n;
  for (std::int64_t j = 0; j < g.n; j += width) {
    const std::int64_t cols = least(width, g.n - j);
    for (std::int64_t part = 0; part < s.parts; ++part) {
      const std::int64_t begin = g.k * part / s.parts;
      const std::int64_t depth = g.k * (part + 1) / s.parts - begin;
      const float* a = g.a + begin * g.a_col;
      const float* b = g.b + j * g.b_col + begin * g.b_row;
      const bool add = g.accumulate || part > 0;
      const float* bias = g.bias == nullptr || part + 1 < s.parts ? nullptr : g.bias + j;
      if (by_columns) {
        multiply_row_by_columns(a, b, g.b_col, cols, depth, g.y + j, bias, add);
      } else {
        multiply_row_by_rows(a, g.a_col, b, g.b_row, cols, depth, own, g.y + j, bias, add);
      }
    }
  }
  finish(g.y, 1, g.n);
}

// A short row: the sums of each part of k, then y.
template <typename Finish>
void multiply_row_by_parts(const Gemm& g, std::int64_t parts, float* sums, const Team& team, const Finish& finish) {
  const std::int64_t row = round_up(g.n, kLineFloats);
  for_tasks(team, parts, [&](std::int64_t part) {
    const std::int64_t begin = g.k * part / parts;
    float* own = sums + part * row;
    multiply_row_by_rows(g.a + begin * g.a_col, g.a_col, g.b + begin * g.b_row, g.b_row, g.n,
                         g.k * (part + 1) / parts - begin, own, own, nullptr, false);
  });
  team.barrier();
  if (team.rank != 0) return;
  for_vectors(g.n, [&](std::int64_t j, std::int64_t n) {
    Vec y = g.accumulate ? load(g.y + j, n) : Vec{};
    for (std::int64_t part = 0; part < parts; ++part) y += load(sums + part * row + j);
    store(g.y + j, g.bias != nullptr ? y + load(g.bias + j, n) : y, n);
  });
  finish(g.y, 1, g.n);
}

// finish(y, rows, cols) is called for each block of y when it is complete, and still in the cache; blocks of one matrix are
// finished once each.
template <typename Finish>
void gemm(const Gemm& g, std::byte* workspace, const Team& team, const Finish& finish) {
  if (empty(g)) return;
  const Plan plan = plan_of(g, team.size);
  auto* floats = reinterpret_cast<float*>(workspace);
  if (plan.by_parts) return multiply_row_by_parts(g, plan.steps.parts, floats, team, finish);
  const Tiles tiles(plan.steps.tiles);
  if (!plan.alone) return multiply_together(g, plan.steps, floats, team, finish);
  float* own = floats + team.rank * (plan.floats + kCounterFloats);
  const Cut& down = plan.blocks.down;
  const Cut& across = plan.blocks.across;
  const std::int64_t height = panel_rows(g.m, plan.blocks.height);
  for_tasks(team, g.batch * plan.blocks.count(), [&](std::int64_t task) {
    const std::int64_t matrix = task / plan.blocks.count();
    const std::int64_t row = task / across.blocks % down.blocks;
    const std::int64_t col = task % across.blocks;
    const std::int64_t i = down.begin(row) * height;
    const std::int64_t j = across.begin(col) * kCols;
    Gemm block = g;
    block.batch = 1;
    block.m = least(down.begin(row + 1) * height, g.m) - i;
    block.n = least(across.begin(col + 1) * kCols, g.n) - j;
    block.a += matrix * g.a_batch + i * g.a_row;
    block.b += matrix * g.b_batch + j * g.b_col;
    block.packed_col += j;
    block.y += matrix * g.y_batch + i * g.y_row + j;
    if (g.bias != nullptr) block.bias += j;
    if (g.m == 1) {
      multiply_row(block, plan.steps, own, finish);
    } else {
      multiply_together(block, plan.steps, own, Team{}, finish);
    }
  });
}
inline void gemm(const Gemm& g, std::byte* workspace, const Team& team) { gemm(g, workspace, team, NoFinish{}); }

}  // namespace
}  // namespace nautile::NTL_TARGET
