// How a product of matrices is cut: into blocks of y, parts of k, and steps that members of a team take together. Included after
// gemm_tiles.hpp; gemm.hpp says what for.
namespace nautile::NTL_TARGET {
namespace {

// 28, 12 and 8 accumulators of the 32, 16 and 16 vector registers.
constexpr std::int64_t kRows = NTL_ISA == 2 ? 14 : NTL_ISA == 1 ? 6 : 4;
constexpr std::int64_t kCols = 2 * kLanes;
// Rows of a that lie a multiple of 4 KiB apart want the same places of a first-level cache of 64 sets, of which Zen 4's holds 8
// lines each: fourteen rows would push each other out. Seven are enough to keep its multipliers busy.
constexpr std::int64_t kApart = 4096 / sizeof(float);
constexpr std::int64_t kRowsApart = NTL_ISA == 2 ? 7 : kRows;
// Rows of a that come from memory meet two panels of b at once: their lines are read half as often, in 24 accumulators.
constexpr std::int64_t kWideRows = NTL_ISA == 2 ? 6 : 0;
// A panel of b stays in the first-level cache (12 KiB), for AVX-512 one of a (21 KiB). AVX2 takes longer parts, up to 32 KiB
// of b: y is read and written less often, which measures better than a panel that leaves room for others.
constexpr std::int64_t kDepth = NTL_ISA == 1 ? 512 : 384;
constexpr bool kColumnsStay = NTL_ISA != 2;
constexpr std::int64_t kShortDepth = 128;  // of a part: to write y counts, and is faster along its rows
constexpr std::int64_t kBlockRows = 168;   // a multiple of every kRows; a's panels: 336 KiB at most
// Of both operands' blocks, that which streams is in the second level. For AVX-512 that is b's, beside the one that follows it.
constexpr std::int64_t kBlockCols = NTL_ISA == 2 ? 192 : 384;
constexpr std::int64_t kPanelFloats = 1 << 20;  // of a, and of b, that are packed at a time
constexpr std::int64_t kNearFloats = 1 << 17;   // of b: when more are packed, its panels come from the third level
constexpr std::int64_t kPackPanels = 4;         // packed at a time
constexpr std::int64_t kFewRows = 96;           // of y: b's elements are wanted too seldom to be packed, if near
constexpr std::int64_t kFewCols = 256;          // of y: a's elements are wanted too seldom to be packed
constexpr std::int64_t kShortRow = 2048;
constexpr double kSerialFlops = 1.5e6;  // below, a parallel region costs more than it saves
constexpr double kTaskFlops = 1e6;      // blocks are made smaller for more threads down to this
constexpr double kAloneFlops = 2e8;     // of a member: above, a slow core would keep the others waiting too long
constexpr double kFlopsPerPacked = 64;  // below, packing alone takes longer than handing over panels
constexpr std::int64_t kEnoughTasks = 16;
constexpr std::int64_t kLineFloats = 16;              // of the cache; what members write begins at one
constexpr std::int64_t kCounterFloats = kLineFloats;  // a member's count of tasks, before a half of the panels

// All of it follows from the shape, the instruction set and the size of the team, of which no result depends on the last.

// `panels` panels in `blocks` even ranges.
struct Cut {
  std::int64_t panels;
  std::int64_t blocks;
  std::int64_t begin(std::int64_t block) const { return panels * block / blocks; }
};

// Of the panels of at most `height` that `rows` rows need: even, since a tile of few rows takes as long as one of more; but
// AMX's tiles are whole.
inline std::int64_t panel_rows(std::int64_t rows, std::int64_t height) {
  return height == kTileRows ? height : ceil_div(rows, ceil_div(rows, height));
}

struct Grid {
  Cut down;
  Cut across;
  std::int64_t height = kRows;  // of a panel of a
  std::int64_t count() const { return down.blocks * across.blocks; }
  std::int64_t rows() const { return ceil_div(down.panels, down.blocks) * height; }  // of the largest block
  std::int64_t cols() const { return ceil_div(across.panels, across.blocks) * kCols; }
};

// Blocks of at most block_rows x block_cols, more of them for the sake of `wanted` tasks.
inline Grid grid_of(std::int64_t rows, std::int64_t cols, std::int64_t depth, std::int64_t block_rows,
                    std::int64_t block_cols, std::int64_t wanted, std::int64_t height = kRows) {
  Grid grid{{ceil_div(rows, height), ceil_div(rows, block_rows)},
            {ceil_div(cols, kCols), ceil_div(cols, block_cols)},
            height};
  const double flops = flops_of(rows, cols, depth);
  while (grid.count() < wanted && flops > 2 * kTaskFlops * static_cast<double>(grid.count())) {
    const bool wide = cols * grid.down.blocks >= rows * grid.across.blocks || grid.down.blocks == grid.down.panels;
    Cut& cut = wide && grid.across.blocks < grid.across.panels ? grid.across : grid.down;
    if (cut.blocks == cut.panels) break;
    cut.blocks = least(2 * cut.blocks, cut.panels);
  }
  // an odd number of blocks would be a block more for one member of two
  const bool odd = grid.count() > 1 && grid.count() % 2 != 0;
  if (odd && wanted > 1 && grid.down.blocks < grid.down.panels) ++grid.down.blocks;
  return grid;
}

// What the members do together for one matrix: rows x cols of y at a time, one part of k after the other.
struct Steps {
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t parts;
  std::int64_t depth;         // of the longest part, in words
  std::int64_t words;         // of a sum: pairs of terms, or terms
  std::int64_t unit;          // words, of which every part is a multiple: the last one is filled up
  bool pairs;                 // of bf16
  bool tiles;                 // of AMX
  std::int64_t height;        // of a panel of a
  bool packed;                // b was packed beforehand
  bool direct;                // b is read where it lies: its rows are whole vectors, and few rows of a meet them
  bool rows_of_a;             // a is read where it lies: its rows follow k, and few columns of b meet them
  std::int64_t rows_at_once;  // then so many of a's rows at a time
  bool a_is_far;              // then it comes from memory: each panel of its rows meets all of b's before the next
  std::int64_t b_at_once;     // then so many of b's panels at a time
  std::int64_t a_panel;       // floats of a panel of a: stores of whole vectors may run over a panel's end by a vector
  std::int64_t a_floats;      // of all panels of a
  std::int64_t floats;        // of all panels

  Grid grid(std::int64_t rows_of_y, std::int64_t cols_of_y) const {
    return grid_of(rows_of_y, cols_of_y, depth, tiles ? kTileBlockRows : kBlockRows,
                   tiles ? kTileBlockCols : kBlockCols, kEnoughTasks, height);
  }
};
// Whether rows of a follow k, and come from memory.
inline bool rows_are_far(const Gemm& g) { return !takes_pairs(g) && g.a_col == 1 && g.m * g.k > kPanelFloats / 2; }
// Whether they meet few columns of b, but more than a panel: tiles are then wide.
inline bool takes_wide(const Gemm& g) { return kWideRows > 0 && rows_are_far(g) && g.n > kCols && g.n <= kFewCols; }
// Rows of a panel of a.
inline std::int64_t height_of(const Gemm& g) {
  return takes_tiles(g) ? kTileRows : takes_wide(g) ? 2 * kWideRows : kRows;
}
// For matrices of g, or blocks of them of at most m x n, by so many members together.
inline Steps steps_of(const Gemm& g, std::int64_t m, std::int64_t n, std::int64_t members) {
  Steps s{};
  s.pairs = takes_pairs(g);
  s.tiles = takes_tiles(g);
  s.height = height_of(g);
  s.unit = s.tiles ? kTile : 1;
  s.words = round_up(s.pairs ? ceil_div(g.k, 2) : g.k, s.unit);
  s.parts = g.k > 0 ? ceil_div(s.words, s.tiles ? kTileDepth : kDepth) : 1;
  s.depth = round_up(ceil_div(s.words, s.parts), s.unit);
  const std::int64_t few_rows = g.k * n <= kNearFloats ? kFewRows : 2 * kRows;
  s.packed = g.packed != nullptr;
  s.direct = !s.packed && !s.pairs && g.b_col == 1 && m <= few_rows && g.n % kLanes == 0;
  s.rows_of_a = !s.pairs && g.a_col == 1 && n <= kFewCols;
  s.rows_at_once = g.a_row % kApart == 0 ? kRowsApart : kRows;
  s.a_is_far = s.rows_of_a && rows_are_far(g);
  s.b_at_once = takes_wide(g) ? 2 : 1;
  const auto even = [&](std::int64_t extent, std::int64_t step) {
    const std::int64_t pieces = ceil_div(extent * s.depth, kPanelFloats);
    return round_up(pieces > 1 ? ceil_div(extent, pieces) : extent, step);
  };
  s.rows = even(m, s.height);
  s.cols = even(n, kCols);
  if (s.tiles && !s.packed) {
    // what a member packs is used before it leaves its second level; few rows take longer to pack than to multiply
    const bool few = members == 1 && m <= kTileBlockRows;
    const std::int64_t cols = members * (few ? kTileFewCols : kTileBlockCols);
    s.cols = least(s.cols, round_up(ceil_div(n, ceil_div(n, cols)), kCols));
    if (s.parts == 1 && n <= cols) s.rows = least(s.rows, kTileBlockRows * members);
  }
  s.a_panel = s.tiles ? kTileRows * s.depth : round_up(kRows * s.depth + kLanes, 16);
  s.a_floats = s.rows_of_a ? 0 : s.rows / s.height * s.a_panel;
  s.floats = s.a_floats + (s.direct || s.packed ? 0 : round_up(s.cols * s.depth, 16));
  return s;
}

// Members work alone on small matrices, or a single row: each on blocks of its own. Of a short row each takes parts of k
// instead: b is read from end to end. Of a matrix that is not large each member has one block and packs operands of its own, some
// of them more than once, which takes less time than to hand panels from one core to another. The sums are the same however
// y is cut.
struct Plan {
  bool alone;
  bool by_parts;
  Grid blocks;          // of each matrix; one if together
  Steps steps;          // of a block
  std::int64_t floats;  // of workspace, for a block
};
inline Steps steps_of_blocks(const Gemm& g, const Grid& blocks, std::int64_t members) {
  return steps_of(g, least(blocks.rows(), g.m), least(blocks.cols(), g.n), members);
}
inline bool members_pack_alone(const Gemm& g, const Steps& steps, const Grid& blocks, std::int64_t team_size) {
  const double flops = flops_of(g.m, g.n, g.k);
  const std::int64_t lines = (steps.rows_of_a ? 0 : blocks.rows()) + (steps.direct || steps.packed ? 0 : blocks.cols());
  const double packed = static_cast<double>(blocks.count() * lines) * static_cast<double>(steps.words);
  return flops < kAloneFlops * static_cast<double>(team_size) && flops >= kFlopsPerPacked * packed;
}
inline Plan plan_of(const Gemm& g, std::int64_t team_size) {
  const std::int64_t height = height_of(g);
  Plan plan{g.m == 1, false, {{ceil_div(g.m, height), 1}, {ceil_div(g.n, kCols), 1}, height}, {}, 0};
  if (g.m == 1 && g.batch == 1 && g.packed == nullptr && g.b_col == 1 && g.n <= kShortRow && g.k > 3 * kDepth) {
    plan.by_parts = true;
  } else if (g.m == 1) {
    plan.blocks =
        grid_of(1, g.n, g.k, 1, 1024, 8, height);  // memory likes long rows of b; workers are worth waking for 8 tasks
  } else if (g.batch > 1 && flops_of(g.m, g.n, g.k) < kTaskFlops * static_cast<double>(kEnoughTasks)) {
    plan.alone = true;
    plan.blocks = grid_of(g.m, g.n, g.k, g.m, g.n, ceil_div(kEnoughTasks, g.batch), height);
  } else if (team_size > 1) {
    plan.blocks = grid_of(g.m, g.n, g.k, g.m, g.n, team_size, height);
    plan.alone = members_pack_alone(g, steps_of_blocks(g, plan.blocks, 1), plan.blocks, team_size);
    if (!plan.alone) plan.blocks.down.blocks = plan.blocks.across.blocks = 1;
  }
  plan.steps = steps_of_blocks(g, plan.blocks, plan.alone ? 1 : team_size);
  plan.floats = plan.by_parts ? plan.steps.parts * round_up(g.n, kLineFloats)
                : g.m == 1    ? most(plan.steps.floats, round_up(plan.blocks.cols(), 16))
                              : plan.steps.floats;
  return plan;
}

inline bool empty(const Gemm& g) { return g.batch == 0 || g.m == 0 || g.n == 0; }

inline std::int64_t gemm_tasks(const Gemm& g) {
  if (empty(g) || static_cast<double>(g.batch) * flops_of(g.m, g.n, g.k) < kSerialFlops) return 1;
  const Plan plan = plan_of(g, 1);
  if (plan.by_parts) return plan.steps.parts;
  if (plan.alone) return g.batch * plan.blocks.count();
  const Steps steps = steps_of(g, g.m, g.n, kEnoughTasks);
  return steps.grid(least(steps.rows, g.m), least(steps.cols, g.n)).count();
}

// Bytes for a team, or for the caller alone. Members that work together pack into one half while others still read the other.
inline std::int64_t gemm_workspace(const Gemm& g, std::int64_t team_size) {
  if (empty(g)) return 0;
  std::int64_t floats = 0;
  for (const std::int64_t size : {std::int64_t{1}, team_size}) {
    const Plan plan = plan_of(g, size);
    const std::int64_t shares = plan.by_parts ? 1 : plan.alone ? size : least(size, 2);
    floats = most(floats, shares * (plan.floats + (plan.alone ? 1 : size) * kCounterFloats));
  }
  return floats * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace
}  // namespace nautile::NTL_TARGET
