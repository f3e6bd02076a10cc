// A recurrent layer over a whole sequence: what lstm, gru and rnn share. Included after gemm.hpp and vec_math.hpp.
//
// The steps are cut into chunks whose gates stay in the cache. Forward, one product gives the inputs' share of all gates of a
// chunk; then each step adds the share of the state, by panels of weight_hh that are packed once, and computes the cell while
// the gates it has just added to are in the first-level cache. Backward, each step multiplies the gradients by the gates with
// weight_hh and goes on to those of the step before; then products over all steps of the chunk give the gradients by inputs,
// weights and biases. A task is a block of units and rows. Members meet twice a step: all of the state must be there before
// any of it is packed, and all must be packed before it is multiplied.
//
// The workspace holds weight_hh as panels, the gates of a chunk unless they are kept, or their gradients, the state, and what the
// products of a chunk need.
//
// A Cell has kGates blocks of rows of the weights and kColumns blocks of `hidden` columns in a row of gates. If it is kApart,
// the state's share of the last gate is not added to the inputs' but is a block of columns behind them; the gradients are as
// recurrent_products.hpp says.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kChunkRows = 512;        // of a chunk, steps x batch
constexpr std::int64_t kRowUnits = 2 * kLanes;  // of a task where the batch is a single row, forward
constexpr std::int64_t kRowColumns = 64;        // the same, backward
constexpr std::int64_t kEnoughRecurrentTasks = 8;
constexpr double kSerialStepFlops = 2e5;  // of all gates; steps below are not worth two meetings each

inline Vec get(const float* p, std::int64_t n) { return n == kLanes ? load(p) : load(p, n); }
inline Vec get_or_zero(const float* p, std::int64_t n) { return p == nullptr ? Vec{} : get(p, n); }
inline void put(float* p, Vec v, std::int64_t n) {
  if (n == kLanes) {
    store(p, v);
  } else {
    store(p, v, n);
  }
}
inline const float* offset(const float* p, std::int64_t step) { return p == nullptr ? nullptr : p + step; }

// ------------------------------------------------------------------------------------------------ how it is cut

// The units and rows of one task, and the panels of a product batch x units over depth terms.
struct Blocks {
  std::int64_t hidden;
  std::int64_t batch;
  std::int64_t depth;
  std::int64_t units;  // of a block
  std::int64_t rows;   // of a block

  std::int64_t across() const { return ceil_div(hidden, units); }
  std::int64_t down() const { return ceil_div(batch, rows); }
  std::int64_t count() const { return across() * down(); }
  bool packed() const { return batch > 1; }
  std::int64_t a_panel() const { return round_up(kRows * depth + kLanes, 16); }
  std::int64_t a_floats() const { return ceil_div(batch, kRows) * a_panel(); }
};
inline Blocks blocks_of(std::int64_t hidden, std::int64_t batch, std::int64_t depth, std::int64_t row_units) {
  Blocks blocks{hidden, batch, depth, batch == 1 ? row_units : kCols, most(batch, 1)};
  const std::int64_t down = ceil_div(kEnoughRecurrentTasks, most(blocks.across(), 1));
  if (down > 1) blocks.rows = round_up(ceil_div(blocks.rows, down), kRows);
  return blocks;
}

inline std::int64_t chunk_of(std::int64_t steps, std::int64_t batch) {
  return most(least(ceil_div(kChunkRows, most(batch, 1)), steps), 1);
}

// Hands out workspace by floats, or counts them.
struct Shares {
  float* next;
  std::int64_t floats = 0;
  float* take(std::int64_t count) {
    float* share = next == nullptr ? nullptr : next + floats;
    floats += round_up(count, 16);
    return share;
  }
};

// The rows of the state, or of gates, as the micro-kernel reads them.
inline void pack_panels(const float* x, std::int64_t row_step, const Blocks& blocks, float* out, const Team& team) {
  for_tasks(team, ceil_div(blocks.batch, kRows), [&](std::int64_t panel) {
    const std::int64_t r = panel * kRows;
    pack<kRows>(x + r * row_step, row_step, 1, least(kRows, blocks.batch - r), blocks.depth,
                out + panel * blocks.a_panel(), blocks.a_panel());
  });
}

// `rows` x `cols` <= kCols of y (+)= panels of a times one panel of b, in parts of kDepth.
inline void multiply_panels(const Blocks& blocks, const float* a, const float* b, std::int64_t rows, std::int64_t cols,
                            float* y, std::int64_t y_row, const float* bias, bool add) {
  const std::int64_t parts = ceil_div(blocks.depth, kDepth);
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = blocks.depth * part / parts;
    const std::int64_t depth = blocks.depth * (part + 1) / parts - begin;
    for (std::int64_t i = 0; i < rows; i += kRows) {
      const std::int64_t height = least(kRows, rows - i);
      multiply_tile<kRows>(height, cols, depth, a + i / kRows * blocks.a_panel() + begin * kRows, b + begin * kCols,
                           kCols, y + i * y_row, y_row, part + 1 < parts ? nullptr : bias, add || part > 0);
    }
  }
}

// f(first unit, units, first row, rows) for the tasks of a member, forwards in one step and backwards in the next: it begins
// with the weights that are still in the cache. All rows of some units are a member's: it reads no weights but theirs, and has as
// many of the higher blocks as the others.
template <typename F>
void for_blocks(const Team& team, const Blocks& blocks, std::int64_t step, F&& f) {
  const Share share = share_of(team, blocks.count());
  for_tasks(team, blocks.count(), [&](std::int64_t own) {
    const std::int64_t task = step % 2 == 0 ? own : share.begin + share.end - 1 - own;
    const std::int64_t u = task / blocks.down() * blocks.units;
    const std::int64_t r = task % blocks.down() * blocks.rows;
    f(u, least(blocks.units, blocks.hidden - u), r, least(blocks.rows, blocks.batch - r));
  });
}

// Whether a sequence has a step at time t, and whether that is its first.
inline bool runs(const std::int64_t* lengths, std::int64_t row, std::int64_t t) {
  return lengths == nullptr || t < lengths[row];
}
template <typename Args>
bool starts(const Args& a, std::int64_t row, std::int64_t t) {
  return a.reverse ? t + 1 == (a.lengths == nullptr ? a.steps : a.lengths[row]) : t == 0;
}

// ------------------------------------------------------------------------------------------------ forward

// Up to kLanes units of a row, at one step.
struct ForwardUnits {
  float* gates;  // the shares of inputs and state, which become the gates
  std::int64_t hidden;
  const float* h_before;
  float* h;
  float* c;
  bool relu;
};

template <typename Cell>
struct ForwardPass {
  static constexpr std::int64_t kGates = Cell::kGates;
  static constexpr std::int64_t kColumns = Cell::kColumns;

  const RecurrentForward& a;
  Blocks blocks;
  std::int64_t chunk;
  float* weights = nullptr;  // panels: for each block of units, for each gate, hidden x kCols
  float* panels = nullptr;   // of the state
  float* bias = nullptr;
  float* states = nullptr;  // of this step and of the next
  float* gates = nullptr;   // of a chunk
  float* product = nullptr;
  std::int64_t floats = 0;

  ForwardPass(const RecurrentForward& args, float* workspace, std::int64_t team_size)
      : a(args), blocks(blocks_of(a.hidden, a.batch, a.hidden, kRowUnits)), chunk(chunk_of(a.steps, a.batch)) {
    Shares shares{workspace};
    if (blocks.packed()) weights = shares.take(blocks.across() * Cell::kGates * a.hidden * kCols);
    panels = shares.take(blocks.packed() ? blocks.a_floats() : 0);
    bias = shares.take(a.bias_ih == nullptr ? 0 : Cell::kGates * a.hidden);
    states = shares.take(2 * a.batch * a.hidden);
    gates = a.gates == nullptr ? shares.take(chunk * a.batch * kColumns * a.hidden) : nullptr;
    const std::int64_t rest = a.steps % chunk;
    const std::int64_t bytes = most(gemm_workspace(inputs_of(0, chunk, nullptr), team_size),
                                    rest > 0 ? gemm_workspace(inputs_of(0, rest, nullptr), team_size) : 0);
    product = shares.take(ceil_div(bytes, sizeof(float)));
    floats = shares.floats;
  }

  std::int64_t row() const { return kColumns * a.hidden; }

  // The inputs' share of the gates of `steps` steps from time t on.
  Gemm inputs_of(std::int64_t t, std::int64_t steps, float* to) const {
    return {a.x + t * a.batch * a.inputs,
            a.weight_ih,
            to,
            1,
            steps * a.batch,
            Cell::kGates * a.hidden,
            a.inputs,
            0,
            a.inputs,
            1,
            0,
            1,
            a.inputs,
            0,
            row(),
            a.bias_ih == nullptr ? nullptr : bias,
            false};
  }

  static bool apart(std::int64_t gate) { return Cell::kApart && gate + 1 == Cell::kGates; }
  static std::int64_t column(std::int64_t gate) { return apart(gate) ? gate + 1 : gate; }

  void prepare(const Team& team) const {
    const std::int64_t packs = blocks.packed() ? blocks.across() * Cell::kGates : 0;
    for_tasks(team, packs + 1, [&](std::int64_t task) {
      if (task < packs) {
        const std::int64_t u = task / Cell::kGates * kCols;
        pack<kCols>(a.weight_hh + (task % Cell::kGates * a.hidden + u) * a.hidden, a.hidden, 1,
                    least(kCols, a.hidden - u), a.hidden, weights + task * a.hidden * kCols, a.hidden * kCols);
        return;
      }
      for (std::int64_t i = 0; a.bias_ih != nullptr && i < Cell::kGates * a.hidden; ++i) {
        bias[i] = apart(i / a.hidden) ? a.bias_ih[i] : a.bias_ih[i] + a.bias_hh[i];
      }
      start(a.h0, states);
      if (Cell::kCells) start(a.c0, a.cn);
      for (std::int64_t b = 0; a.lengths != nullptr && b < a.batch; ++b) {
        if (a.lengths[b] < 0 || a.lengths[b] > a.steps) team.report(Cell::kLengths, a.steps + 1, b, a.lengths[b]);
      }
    });
  }
  void start(const float* from, float* to) const {
    const std::size_t bytes = static_cast<std::size_t>(a.batch * a.hidden) * sizeof(float);
    if (bytes == 0) return;
    if (from == nullptr) {
      std::memset(to, 0, bytes);
    } else {
      std::memcpy(to, from, bytes);
    }
  }

  // Adds the state's share to the gates of a block.
  void add_state(const float* h, float* to, std::int64_t u, std::int64_t units, std::int64_t r,
                 std::int64_t rows) const {
    for (std::int64_t gate = 0; gate < Cell::kGates; ++gate) {
      float* y = to + r * row() + column(gate) * a.hidden + u;
      const float* share_bias = apart(gate) ? offset(a.bias_hh, gate * a.hidden + u) : nullptr;
      const bool add = !apart(gate);
      if (blocks.packed()) {
        multiply_panels(blocks, panels + r / kRows * blocks.a_panel(),
                        weights + (u / kCols * Cell::kGates + gate) * a.hidden * kCols, rows, units, y, row(),
                        share_bias, add);
        continue;
      }
      for (std::int64_t j = 0; j < units; j += kLanes) {
        multiply_row_by_columns(h, a.weight_hh + (gate * a.hidden + u + j) * a.hidden, a.hidden,
                                least(kLanes, units - j), a.hidden, y + j, offset(share_bias, j), add);
      }
    }
  }

  // One step of a block: from the state `h` to the state `next`.
  void step(std::int64_t t, const float* h, float* next, float* to, std::int64_t u, std::int64_t units, std::int64_t r,
            std::int64_t rows) const {
    add_state(h, to, u, units, r, rows);
    for (std::int64_t b = r; b < r + rows; ++b) {
      const std::int64_t place = b * a.hidden + u;
      const bool on = runs(a.lengths, b, t);
      for_vectors(units, [&](std::int64_t i, std::int64_t n) {
        const std::int64_t at = place + i;
        float* c = Cell::kCells ? a.cn + at : nullptr;
        if (on) {
          Cell::forward({to + b * row() + u + i, a.hidden, h + at, next + at, c, a.relu}, n);
        } else {
          put(next + at, get(h + at, n), n);
        }
        const std::int64_t out = t * a.batch * a.hidden + at;
        if (a.y != nullptr) put(a.y + out, on ? get(next + at, n) : Vec{}, n);
        if (Cell::kCells && a.cells != nullptr) put(a.cells + out, get(c, n), n);
      });
    }
  }

  void run(const Team& team) const {
    prepare(team);
    team.barrier();
    for (std::int64_t first = 0; first < a.steps; first += chunk) {
      const std::int64_t count = least(chunk, a.steps - first);
      const std::int64_t begin = a.reverse ? a.steps - first - count : first;
      float* chunk_gates = a.gates == nullptr ? gates : a.gates + begin * a.batch * row();
      gemm(inputs_of(begin, count, chunk_gates), reinterpret_cast<std::byte*>(product), team);
      team.barrier();
      for (std::int64_t s = first; s < first + count; ++s) {
        const std::int64_t t = time_of(s, a.steps, a.reverse);
        const float* h = states + s % 2 * a.batch * a.hidden;
        float* next = s + 1 == a.steps ? a.hn : states + (s + 1) % 2 * a.batch * a.hidden;
        if (blocks.packed()) {
          pack_panels(h, a.hidden, blocks, panels, team);
          team.barrier();
        }
        for_blocks(team, blocks, s, [&](std::int64_t u, std::int64_t units, std::int64_t r, std::int64_t rows) {
          step(t, h, next, chunk_gates + (t - begin) * a.batch * row(), u, units, r, rows);
        });
        team.barrier();
      }
    }
  }
};

// ------------------------------------------------------------------------------------------------ backward

// Up to kLanes units of a row, at one step.
struct BackwardUnits {
  const float* gates;
  std::int64_t hidden;
  const float* y;         // of this step
  const float* h_before;  // null: zeros
  const float* c;
  const float* c_before;  // null: zeros
  Vec dh;                 // by the state after this step
  float* dgates;
  float* dh_before;  // without what comes through the gates
  float* dc;         // by the cells after this step, becomes the one by the cells before
  bool relu;
};

template <typename Cell>
struct BackwardPass {
  static constexpr std::int64_t kGates = Cell::kGates;
  static constexpr std::int64_t kColumns = Cell::kColumns;

  const RecurrentBackward& a;
  Blocks blocks;
  std::int64_t chunk;
  float* weights = nullptr;  // panels: for each block of units, all gates x kCols
  float* panels = nullptr;   // of the gradients by the gates of a step, or the only row of them
  float* dgates = nullptr;   // of a chunk
  float* first = nullptr;    // gradients by the state's share at each sequence's first step
  float* dh = nullptr;
  float* dc = nullptr;
  double* dbias = nullptr;
  float* product = nullptr;
  std::int64_t floats = 0;

  BackwardPass(const RecurrentBackward& args, float* workspace, std::int64_t team_size)
      : a(args),
        blocks(blocks_of(a.hidden, a.batch, Cell::kGates * a.hidden, kRowColumns)),
        chunk(chunk_of(a.steps, a.batch)) {
    Shares shares{workspace};
    if (blocks.packed()) weights = shares.take(blocks.across() * depth() * kCols);
    panels = shares.take(blocks.packed() ? blocks.a_floats() : depth());
    dgates = shares.take(chunk * a.batch * row());
    first = shares.take(wants_first() ? a.batch * depth() : 0);
    dh = shares.take(a.batch * a.hidden);
    dc = shares.take(Cell::kCells ? a.batch * a.hidden : 0);
    dbias = reinterpret_cast<double*>(shares.take(2 * row()));
    std::int64_t bytes = 0;
    const std::int64_t chunks = ceil_div(a.steps, chunk);
    for (const std::int64_t c : {std::int64_t{0}, std::int64_t{1}, chunks - 1}) {
      if (c < 0 || c >= chunks) continue;
      for_products<Cell>(a, dgates, first, c * chunk, least(chunk, a.steps - c * chunk),
                         [&](const Gemm& g) { bytes = most(bytes, gemm_workspace(g, team_size)); });
    }
    product = shares.take(ceil_div(bytes, sizeof(float)));
    floats = shares.floats;
  }

  std::int64_t row() const { return kColumns * a.hidden; }
  std::int64_t depth() const { return Cell::kGates * a.hidden; }
  bool wants_first() const { return a.h0 != nullptr && a.dweight_hh != nullptr; }
  bool wants_bias() const { return a.dbias_ih != nullptr || a.dbias_hh != nullptr; }
  // Where the state's shares begin in a row of gradients.
  std::int64_t state_column() const { return Cell::kApart ? a.hidden : 0; }

  void prepare(const Team& team) const {
    const std::int64_t packs = blocks.packed() ? blocks.across() : 0;
    for_tasks(team, packs + 1, [&](std::int64_t task) {
      if (task < packs) {
        const std::int64_t u = task * kCols;
        pack<kCols>(a.weight_hh + u, 1, a.hidden, least(kCols, a.hidden - u), depth(), weights + u * depth(),
                    depth() * kCols);
        return;
      }
      const std::int64_t size = a.batch * a.hidden;
      for (std::int64_t i = 0; i < size; ++i) dh[i] = a.dhn == nullptr ? 0.0F : a.dhn[i];
      for (std::int64_t i = 0; Cell::kCells && i < size; ++i) dc[i] = a.dcn == nullptr ? 0.0F : a.dcn[i];
      for (std::int64_t i = 0; wants_first() && i < a.batch * depth(); ++i) first[i] = 0.0F;
      for (std::int64_t i = 0; i < row(); ++i) dbias[i] = 0.0;
    });
  }

  // dh += the gradients by the gates, of which `row` is the only row or all are in the panels, times weight_hh.
  void add_gates(const float* only, std::int64_t u, std::int64_t units, std::int64_t r, std::int64_t rows) const {
    float* to = dh + r * a.hidden + u;
    if (blocks.packed()) {
      multiply_panels(blocks, panels + r / kRows * blocks.a_panel(), weights + u * depth(), rows, units, to, a.hidden,
                      nullptr, true);
      return;
    }
    float sums[kRowColumns];
    for (std::int64_t p = 0; p < depth(); p += kDepth) {
      multiply_row_by_rows(only + p, 1, a.weight_hh + p * a.hidden + u, a.hidden, units, least(kDepth, depth() - p),
                           sums, to, nullptr, true);
    }
  }

  // The gradients by the gates of a block at time t.
  void step(std::int64_t t, float* to, std::int64_t u, std::int64_t units, std::int64_t r, std::int64_t rows) const {
    for (std::int64_t b = r; b < r + rows; ++b) {
      float* d = to + b * row() + u;
      const std::int64_t place = b * a.hidden + u;
      const std::int64_t out = t * a.batch * a.hidden + place;
      if (!runs(a.lengths, b, t)) {
        for (std::int64_t column = 0; column < kColumns; ++column) {
          std::memset(d + column * a.hidden, 0, static_cast<std::size_t>(units) * sizeof(float));
        }
        continue;
      }
      const bool initial = starts(a, b, t);
      const std::int64_t before = out + (a.reverse ? 1 : -1) * a.batch * a.hidden;
      const float* h_before = initial ? offset(a.h0, place) : a.y + before;
      const float* c_before = initial ? offset(a.c0, place) : offset(a.cells, before);
      const float* gates = offset(a.gates, (t * a.batch + b) * row() + u);
      for_vectors(units, [&](std::int64_t i, std::int64_t n) {
        const std::int64_t at = place + i;
        const Vec g = get(dh + at, n) + get_or_zero(offset(a.dy, out + i), n);
        Cell::backward({offset(gates, i), a.hidden, a.y + out + i, offset(h_before, i), offset(a.cells, out + i),
                        offset(c_before, i), g, d + i, dh + at, Cell::kCells ? dc + at : nullptr, a.relu},
                       n);
      });
      if (!initial || !wants_first()) continue;
      for (std::int64_t gate = 0; gate < Cell::kGates; ++gate) {
        std::memcpy(first + b * depth() + gate * a.hidden + u, d + state_column() + gate * a.hidden,
                    static_cast<std::size_t>(units) * sizeof(float));
      }
    }
  }

  // Sums of a chunk's gradients by the biases.
  void add_bias(std::int64_t rows, const Team& team) const {
    constexpr std::int64_t kSums = 64;  // columns that one task adds up
    for_tasks(team, ceil_div(row(), kSums), [&](std::int64_t task) {
      const std::int64_t begin = task * kSums;
      const std::int64_t count = least(kSums, row() - begin);
      double sums[kSums] = {};
      for (std::int64_t i = 0; i < rows; ++i) {
        const float* d = dgates + i * row() + begin;
        for (std::int64_t j = 0; j < count; ++j) sums[j] += static_cast<double>(d[j]);
      }
      for (std::int64_t j = 0; j < count; ++j) dbias[begin + j] += sums[j];
    });
  }

  // One of the biases: block by block, gate 0 at `column` and the last at `last`.
  void finish_bias(float* to, RecurrentGradient which, std::int64_t column, std::int64_t last) const {
    for (std::int64_t i = 0; to != nullptr && i < depth(); ++i) {
      const bool at_last = i >= depth() - a.hidden;
      const double sum = dbias[at_last ? last + i - (depth() - a.hidden) : column + i];
      to[i] = static_cast<float>(accumulates(a, which) ? static_cast<double>(to[i]) + sum : sum);
    }
  }
  void finish_state(const float* from, float* to, RecurrentGradient which) const {
    for (std::int64_t i = 0; to != nullptr && i < a.batch * a.hidden; ++i) {
      to[i] = accumulates(a, which) ? to[i] + from[i] : from[i];
    }
  }

  void run(const Team& team) const {
    prepare(team);
    team.barrier();
    const float* before = nullptr;  // gradients by the gates of the step that was done last
    const auto back = [&](std::int64_t t, float* to) {
      for_blocks(team, blocks, t, [&](std::int64_t u, std::int64_t units, std::int64_t r, std::int64_t rows) {
        if (before != nullptr) add_gates(before, u, units, r, rows);
        if (to != nullptr) step(t, to, u, units, r, rows);
      });
      team.barrier();
    };
    for (std::int64_t s0 = (ceil_div(a.steps, chunk) - 1) * chunk; s0 >= 0; s0 -= chunk) {
      const std::int64_t count = least(chunk, a.steps - s0);
      const std::int64_t begin = a.reverse ? a.steps - s0 - count : s0;
      for (std::int64_t s = s0 + count - 1; s >= s0; --s) {
        const std::int64_t t = time_of(s, a.steps, a.reverse);
        float* to = dgates + (t - begin) * a.batch * row();
        back(t, to);
        before = to + state_column();
        if (blocks.packed()) {
          pack_panels(before, row(), blocks, panels, team);
          team.barrier();
        }
      }
      for_products<Cell>(a, dgates, first, s0, count, [&](const Gemm& g) {
        gemm(g, reinterpret_cast<std::byte*>(product), team);
        team.barrier();
      });
      if (wants_bias()) add_bias(count * a.batch, team);
      if (!blocks.packed()) {  // the next chunk may write over it
        if (team.rank == 0) std::memcpy(panels, before, static_cast<std::size_t>(depth()) * sizeof(float));
        before = panels;
      }
      team.barrier();
    }
    if (a.dh0 != nullptr) back(0, nullptr);
    if (team.rank != 0) return;
    finish_bias(a.dbias_ih, kDbiasIh, state_column(), Cell::kApart ? 0 : depth() - a.hidden);
    finish_bias(a.dbias_hh, kDbiasHh, state_column(), row() - a.hidden);
    finish_state(dh, a.dh0, kDh0);
    if (Cell::kCells) finish_state(dc, a.dc0, kDc0);
  }
};

template <typename Pass, typename Args>
std::int64_t recurrent_tasks(const Args& args) {
  const double flops = flops_of(args.batch, Pass::kGates * args.hidden, args.hidden);
  return flops < kSerialStepFlops ? 1 : Pass(args, nullptr, 1).blocks.count();
}

template <typename Pass, typename Args>
std::int64_t recurrent_workspace(const Args& args, std::int64_t team_size) {
  return Pass(args, nullptr, team_size).floats * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace
}  // namespace nautile::NTL_TARGET
