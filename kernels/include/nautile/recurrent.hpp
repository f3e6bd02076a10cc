// A recurrent layer over a whole sequence: what lstm, gru and rnn share. Included after gemm.hpp and vec_math.hpp.
//
// Forward, each step multiplies the state with panels of weight_hh that are packed once, and computes the cell while the sums are
// in the first-level cache. A batch of enough rows has its inputs beside the state, and weight_ih beside weight_hh: one product
// gives the sums. Otherwise the steps are cut into chunks whose gates stay in the cache, and one product gives the inputs' share
// of all gates of a chunk. Backward, each step multiplies the gradients by the gates with weight_hh and goes on to those of the
// step before; then products over all steps of a chunk give the gradients by inputs, weights and biases. A task is a block of
// units and rows. Members meet once a step. States and gradients are multiplied where they lie: they are wanted too seldom to be
// packed, which would be a second meeting.
//
// The workspace holds the weights as panels, the gates of a chunk or those of a block, or a chunk's gradients, the state, and what
// the products of a chunk need.
//
// A Cell has kGates blocks of rows of the weights and kColumns blocks of `hidden` columns in a row of gates. If it is kApart,
// the state's share of the last gate is not added to the inputs' but is a block of columns behind them; the gradients are as
// recurrent_products.hpp says.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kChunkRows = 512;        // of a chunk, steps x batch
constexpr std::int64_t kFewestJoined = kRows;   // rows of a batch; of fewer, weight_ih is read too often
constexpr std::int64_t kRowUnits = 2 * kLanes;  // of a task where the batch is a single row, forward
constexpr std::int64_t kRowColumns = 64;        // the same, backward
constexpr std::int64_t kEnoughRecurrentTasks = 8;
constexpr double kSerialStepFlops = 2e5;  // of all gates; steps below are not worth a meeting each

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

// The units and rows of one task of a product batch x units over depth terms.
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
};
// Either the rows of a tile stay in the first-level cache, past which the weights of all gates stream, or the weights of a gate do.
inline Blocks blocks_of(std::int64_t hidden, std::int64_t batch, std::int64_t depth, std::int64_t row_units) {
  Blocks blocks{hidden, batch, depth, batch == 1 ? row_units : kCols, most(batch, 1)};
  if (!kColumnsStay) {
    blocks.rows = ceil_div(blocks.rows, ceil_div(blocks.rows, kRows));
    return blocks;
  }
  const std::int64_t down = ceil_div(kEnoughRecurrentTasks, most(blocks.across(), 1));
  if (down > 1) blocks.rows = round_up(ceil_div(blocks.rows, down), kRows);
  return blocks;
}

// From one row to the next: rows an odd number of lines apart take all places of the first-level cache alike.
constexpr std::int64_t row_apart(std::int64_t floats) { return (ceil_div(floats, kLineFloats) | 1) * kLineFloats; }

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

// `rows` x `cols` <= kCols of y (+)= rows of a, a_row apart, times a panel of b, in parts of kDepth.
inline void multiply_rows(const float* a, std::int64_t a_row, const float* b, std::int64_t rows, std::int64_t cols,
                          std::int64_t depth, float* y, std::int64_t y_row, const float* bias, bool add) {
  const std::int64_t parts = ceil_div(depth, kDepth);
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = depth * part / parts;
    const std::int64_t terms = depth * (part + 1) / parts - begin;
    for (std::int64_t i = 0; i < rows; i += kRows) {
      multiply_tile<kAsRows>(least(kRows, rows - i), cols, terms, a + i * a_row + begin, b + begin * kCols, kCols,
                             y + i * y_row, y_row, part + 1 < parts ? nullptr : bias, add || part > 0, a_row);
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
  const float* sums;   // the shares of inputs and state in the gates
  std::int64_t apart;  // from the sum of a gate to that of the next
  float* gates;        // may be the sums; null: not kept
  std::int64_t hidden;
  const float* h_before;
  float* h;
  float* c;
  bool relu;
};

// Where the sums of a block are added up, whose gates are `apart`.
struct Sums {
  float* first;
  std::int64_t row;
  std::int64_t apart;
};

template <typename Cell>
struct ForwardPass {
  static constexpr std::int64_t kGates = Cell::kGates;
  static constexpr std::int64_t kColumns = Cell::kColumns;

  const RecurrentForward& a;
  std::int64_t joined;  // inputs that are multiplied along with the state: all or none
  Blocks blocks;
  std::int64_t chunk;
  std::int64_t state_row;
  float* weights = nullptr;  // panels: for each block of units, for each gate, hidden + joined x kCols
  float* bias = nullptr;
  float* states = nullptr;  // of this step and of the next, in front of the inputs
  float* sums = nullptr;    // of a block, for each member
  float* gates = nullptr;   // of a chunk
  float* product = nullptr;
  std::int64_t floats = 0;

  ForwardPass(const RecurrentForward& args, float* workspace, std::int64_t team_size)
      : a(args),
        joined(a.batch >= kFewestJoined && a.inputs <= kDepth ? a.inputs : 0),
        blocks(blocks_of(a.hidden, a.batch, a.hidden + joined, kRowUnits)),
        chunk(joined > 0 ? most(a.steps, 1) : chunk_of(a.steps, a.batch)),
        state_row(row_apart(a.hidden + joined)) {
    Shares shares{workspace};
    if (blocks.packed()) weights = shares.take(blocks.across() * Cell::kGates * blocks.depth * kCols);
    bias = shares.take(a.bias_ih == nullptr ? 0 : Cell::kGates * a.hidden);
    states = shares.take(2 * a.batch * state_row);
    if (joined > 0) {
      sums = shares.take(team_size * sums_of_block());
    } else {
      gates = a.gates == nullptr ? shares.take(chunk * a.batch * row()) : nullptr;
      const std::int64_t rest = a.steps % chunk;
      const std::int64_t bytes = most(gemm_workspace(inputs_of(0, chunk, nullptr), team_size),
                                      rest > 0 ? gemm_workspace(inputs_of(0, rest, nullptr), team_size) : 0);
      product = shares.take(ceil_div(bytes, sizeof(float)));
    }
    floats = shares.floats;
  }

  std::int64_t row() const { return kColumns * a.hidden; }
  std::int64_t sums_of_block() const { return blocks.rows * kColumns * kCols; }
  const float* bias_of(std::int64_t gate, std::int64_t u) const {
    return a.bias_ih == nullptr ? nullptr : bias + gate * a.hidden + u;
  }

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
            bias_of(0, 0),
            false};
  }

  static bool apart(std::int64_t gate) { return Cell::kApart && gate + 1 == Cell::kGates; }

  void prepare(const Team& team) const {
    const std::int64_t packs = blocks.packed() ? blocks.across() * Cell::kGates : 0;
    for_tasks(team, packs + 1, [&](std::int64_t task) {
      if (task < packs) {
        const std::int64_t u = task / Cell::kGates * kCols;
        const std::int64_t first = task % Cell::kGates * a.hidden + u;
        const std::int64_t panel = blocks.depth * kCols;
        float* to = weights + task * panel;
        const std::int64_t units = least(kCols, a.hidden - u);
        pack<kCols>(a.weight_hh + first * a.hidden, a.hidden, 1, units, a.hidden, to, panel);
        pack<kCols>(a.weight_ih + first * a.inputs, a.inputs, 1, units, joined, to + a.hidden * kCols, panel);
        return;
      }
      for (std::int64_t i = 0; a.bias_ih != nullptr && i < Cell::kGates * a.hidden; ++i) {
        bias[i] = apart(i / a.hidden) ? a.bias_ih[i] : a.bias_ih[i] + a.bias_hh[i];
      }
      start(a.h0, states, state_row);
      if (Cell::kCells) start(a.c0, a.cn, a.hidden);
      for (std::int64_t b = 0; a.lengths != nullptr && b < a.batch; ++b) {
        if (a.lengths[b] < 0 || a.lengths[b] > a.steps) team.report(Cell::kLengths, a.steps + 1, b, a.lengths[b]);
      }
    });
  }
  void start(const float* from, float* to, std::int64_t to_row) const {
    const std::size_t bytes = static_cast<std::size_t>(a.hidden) * sizeof(float);
    for (std::int64_t b = 0; bytes > 0 && b < a.batch; ++b) {
      if (from == nullptr) {
        std::memset(to + b * to_row, 0, bytes);
      } else {
        std::memcpy(to + b * to_row, from + b * a.hidden, bytes);
      }
    }
  }

  // The inputs of a step to where its state will be.
  void join_inputs(std::int64_t s, const Team& team) const {
    if (joined == 0 || s == a.steps) return;
    const float* x = a.x + time_of(s, a.steps, a.reverse) * a.batch * a.inputs;
    float* to = states + s % 2 * a.batch * state_row + a.hidden;
    for_tasks(team, a.batch, [&](std::int64_t b) {
      std::memcpy(to + b * state_row, x + b * a.inputs, static_cast<std::size_t>(a.inputs) * sizeof(float));
    });
  }

  // The sums of a block: all of them, or the state's share is added to the inputs'.
  void add_state(const float* h, const Sums& to, std::int64_t u, std::int64_t units, std::int64_t r,
                 std::int64_t rows) const {
    for (std::int64_t gate = 0; gate < Cell::kGates; ++gate) {
      float* y = to.first + gate * to.apart;
      float* state_y = apart(gate) ? y + to.apart : y;
      const float* state_bias = apart(gate) ? offset(a.bias_hh, gate * a.hidden + u) : nullptr;
      if (blocks.packed()) {
        const float* from = h + r * state_row;
        const float* w = weights + (u / kCols * Cell::kGates + gate) * blocks.depth * kCols;
        const auto multiply = [&](std::int64_t begin, std::int64_t depth, float* out, const float* with, bool add) {
          multiply_rows(from + begin, state_row, w + begin * kCols, rows, units, depth, out, to.row, with, add);
        };
        if (apart(gate)) {
          multiply(0, a.hidden, state_y, state_bias, false);
          multiply(a.hidden, joined, y, bias_of(gate, u), false);
        } else {
          multiply(0, blocks.depth, y, joined > 0 ? bias_of(gate, u) : nullptr, joined == 0);
        }
        continue;
      }
      for (std::int64_t j = 0; j < units; j += kLanes) {
        multiply_row_by_columns(h, a.weight_hh + (gate * a.hidden + u + j) * a.hidden, a.hidden,
                                least(kLanes, units - j), a.hidden, state_y + j, offset(state_bias, j), !apart(gate));
      }
    }
  }

  // One step of a block: from the states `h` to the states `next`, which are next_row apart.
  void step(std::int64_t t, const float* h, float* next, std::int64_t next_row, const Sums& to, std::int64_t u,
            std::int64_t units, std::int64_t r, std::int64_t rows) const {
    add_state(h, to, u, units, r, rows);
    for (std::int64_t b = r; b < r + rows; ++b) {
      const bool on = runs(a.lengths, b, t);
      for_vectors(units, [&](std::int64_t i, std::int64_t n) {
        const std::int64_t at = b * a.hidden + u + i;
        const float* before = h + b * state_row + u + i;
        float* after = next + b * next_row + u + i;
        float* c = Cell::kCells ? a.cn + at : nullptr;
        if (on) {
          float* kept = a.gates == nullptr ? nullptr : a.gates + (t * a.batch + b) * row() + u + i;
          Cell::forward({to.first + (b - r) * to.row + i, to.apart, kept, a.hidden, before, after, c, a.relu}, n);
        } else {
          put(after, get(before, n), n);
        }
        const std::int64_t out = t * a.batch * a.hidden + at;
        if (a.y != nullptr) put(a.y + out, on ? get(after, n) : Vec{}, n);
        if (Cell::kCells && a.cells != nullptr) put(a.cells + out, get(c, n), n);
      });
    }
  }

  void run(const Team& team) const {
    prepare(team);
    join_inputs(0, team);
    team.barrier();
    for (std::int64_t first = 0; first < a.steps; first += chunk) {
      const std::int64_t count = least(chunk, a.steps - first);
      const std::int64_t begin = a.reverse ? a.steps - first - count : first;
      float* chunk_gates = a.gates == nullptr ? gates : a.gates + begin * a.batch * row();
      if (joined == 0) {
        gemm(inputs_of(begin, count, chunk_gates), reinterpret_cast<std::byte*>(product), team);
        team.barrier();
      }
      for (std::int64_t s = first; s < first + count; ++s) {
        const std::int64_t t = time_of(s, a.steps, a.reverse);
        const bool last = s + 1 == a.steps;
        const float* h = states + s % 2 * a.batch * state_row;
        float* next = last ? a.hn : states + (s + 1) % 2 * a.batch * state_row;
        join_inputs(s + 1, team);
        for_blocks(team, blocks, s, [&](std::int64_t u, std::int64_t units, std::int64_t r, std::int64_t rows) {
          const Sums to = joined > 0 ? Sums{sums + team.rank * sums_of_block(), kColumns * kCols, kCols}
                                     : Sums{chunk_gates + ((t - begin) * a.batch + r) * row() + u, row(), a.hidden};
          step(t, h, next, last ? a.hidden : state_row, to, u, units, r, rows);
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
  float* dgates = nullptr;   // of a chunk, and a step more
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
    dgates = shares.take((chunk + 1) * step_floats());
    first = shares.take(wants_first() ? a.batch * depth() : 0);
    dh = shares.take(a.batch * a.hidden);
    dc = shares.take(Cell::kCells ? a.batch * a.hidden : 0);
    dbias = reinterpret_cast<double*>(shares.take(2 * columns()));
    std::int64_t bytes = 0;
    const std::int64_t chunks = ceil_div(a.steps, chunk);
    for (const std::int64_t c : {std::int64_t{0}, std::int64_t{1}, chunks - 1}) {
      if (c < 0 || c >= chunks) continue;
      const auto size = [&](const Gemm& g) { bytes = most(bytes, gemm_workspace(g, team_size)); };
      for_products<Cell>(a, dgates, first, c * chunk, least(chunk, a.steps - c * chunk), size, row() - columns());
    }
    product = shares.take(ceil_div(bytes, sizeof(float)));
    floats = shares.floats;
  }

  std::int64_t columns() const { return kColumns * a.hidden; }
  std::int64_t row() const { return row_apart(columns()); }  // of dgates
  std::int64_t step_floats() const { return a.batch * row(); }
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
      for (std::int64_t i = 0; i < columns(); ++i) dbias[i] = 0.0;
    });
  }

  // dh += the gradients by the gates, whose rows begin at `from`, times weight_hh.
  void add_gates(const float* from, std::int64_t u, std::int64_t units, std::int64_t r, std::int64_t rows) const {
    float* to = dh + r * a.hidden + u;
    if (blocks.packed()) {
      multiply_rows(from + r * row(), row(), weights + u * depth(), rows, units, depth(), to, a.hidden, nullptr, true);
      return;
    }
    float sums[kRowColumns];
    for (std::int64_t p = 0; p < depth(); p += kDepth) {
      multiply_row_by_rows(from + p, 1, a.weight_hh + p * a.hidden + u, a.hidden, units, least(kDepth, depth() - p),
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
      const float* gates = offset(a.gates, (t * a.batch + b) * columns() + u);
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
  void add_bias(const float* chunk_gates, std::int64_t rows, const Team& team) const {
    constexpr std::int64_t kSums = 64;  // columns that one task adds up
    for_tasks(team, ceil_div(columns(), kSums), [&](std::int64_t task) {
      const std::int64_t begin = task * kSums;
      const std::int64_t count = least(kSums, columns() - begin);
      double sums[kSums] = {};
      for (std::int64_t i = 0; i < rows; ++i) {
        const float* d = chunk_gates + i * row() + begin;
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
      // the chunk's first step reads those of the step before, and must not write over them
      const std::int64_t end = a.reverse ? 0 : (count - 1) * step_floats();
      float* chunk_gates = dgates + end + state_column() == before ? dgates + step_floats() : dgates;
      for (std::int64_t s = s0 + count - 1; s >= s0; --s) {
        const std::int64_t t = time_of(s, a.steps, a.reverse);
        float* to = chunk_gates + (t - begin) * step_floats();
        back(t, to);
        before = to + state_column();
      }
      const auto multiply = [&](const Gemm& g) {
        gemm(g, reinterpret_cast<std::byte*>(product), team);
        team.barrier();
      };
      for_products<Cell>(a, chunk_gates, first, s0, count, multiply, row() - columns());
      if (wants_bias()) add_bias(chunk_gates, count * a.batch, team);
      team.barrier();
    }
    if (a.dh0 != nullptr) back(0, nullptr);
    if (team.rank != 0) return;
    finish_bias(a.dbias_ih, kDbiasIh, state_column(), Cell::kApart ? 0 : depth() - a.hidden);
    finish_bias(a.dbias_hh, kDbiasHh, state_column(), columns() - a.hidden);
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
