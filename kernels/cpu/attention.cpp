#include "nautile/attention.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "nautile/amx.hpp"
#include "nautile/gemm_args.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/gemm_panels.hpp"
#include "nautile/gemm_pairs.hpp"
#include "nautile/gemm_tiles.hpp"
#include "nautile/gemm_plan.hpp"
#include "nautile/gemm_row.hpp"
#include "nautile/gemm.hpp"

// Both passes go through the scores by blocks of kQueryBlock queries and kKeyBlock keys (Dao et al. 2022), whose products are
// those of gemm.hpp's micro-kernel: q, k and v are packed into its panels, and scores and weights stay in a tile of their own
// that it reads where it lies. A causal block is computed up to the diagonal, panel by panel.
//
// Forward: a task is a block of queries of one head, for all keys. kCols queries at a time meet a block of keys, so that their
// scores stay in the first-level cache from one product to the other. Scores lie key by key, so that the lanes of a vector are
// queries: maxima and sums of the softmax need no join across lanes, and the tile is what the product with v reads.
//
// Backward: a task is a range of keys of one head, for all queries; there are several only where heads are few. Scores lie
// query by query, as the products that give dk and dv read them. A task adds to its dk and dv, which no other task has, and
// to dq, of which each range of keys has a copy of its own until all are added up in order.

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kQueryBlock = 128;  // backward
constexpr std::int64_t kForwardQueries = 256;
constexpr std::int64_t kKeyBlock = 128;
constexpr std::int64_t kWide = kKeyBlock;  // of a tile's row
constexpr std::int64_t kStep =
    kWide + 2 * 16;                       // between rows of a tile: not a power of two, which a cache maps to few sets
constexpr std::int64_t kEnoughHeads = 8;  // below, the keys of a head are shared by several tasks
constexpr std::int64_t kLeastQueries = 32;

static_assert(kQueryBlock <= kWide && kQueryBlock % kCols == 0 && kKeyBlock % kCols == 0);

// e^(s - m) for s <= m with shift = m log2 e, as 2^t with t = s log2 e - shift; 0 where t < -126.5, and a weight no longer
// counts. Beside the rounding of t, at most 1 ulp.
constexpr float kLog2E = 0x1.715476p+0F;
inline Vec weight_exp(Vec s, Vec shift) {
  constexpr float kMagic = 0x1.8p23F + 127.0F;  // adding it leaves the nearest integer, as an exponent, in the low bits
  const Vec t = at_least(s * kLog2E - shift, -127.0F);
  const Vec shifted = t + kMagic;
  const Vec r = t - (shifted - kMagic);
  // 2^r for |r| <= 1/2: degree 6, relative error 2.0e-9
  Vec p = splat(0x1.41fbbcp-13F);
  p = p * r + 0x1.5f3e52p-10F;
  p = p * r + 0x1.3b2d4cp-7F;
  p = p * r + 0x1.c6aee8p-5F;
  p = p * r + 0x1.ebfbdcp-3F;
  p = p * r + 0x1.62e430p-1F;
  p = p * r + 1.0F;
  return p * from_bits(bits(shifted) << 23);
}

inline IntVec lane_numbers() {
  IntVec v;
  for (std::int32_t i = 0; i < kLanes; ++i) v[i] = i;
  return v;
}

inline std::int64_t panels(std::int64_t extent, std::int64_t width) { return ceil_div(extent, width); }
inline std::int64_t across_floats(std::int64_t extent, std::int64_t depth) { return round_up(extent, kCols) * depth; }

// Panels of kCols rows of x (transposed: rows of x are columns of the product), or of kCols of its columns.
inline void pack_turned(const float* x, std::int64_t row, std::int64_t rows, std::int64_t depth, float* out) {
  pack<kCols>(x, row, 1, rows, depth, out, kCols * depth);
}
inline void pack_straight(const float* x, std::int64_t row, std::int64_t rows, std::int64_t cols, float* out) {
  pack<kCols>(x, 1, row, cols, rows, out, kCols * rows);
}

inline void multiply_all(float* x, std::int64_t size, float factor) {
  map(x, x, size, [=](Vec v) { return v * factor; });
}

// Parts of a member's workspace, each on a line of the cache.
struct Shares {
  float* next;
  std::int64_t taken = 0;
  float* take(std::int64_t floats) {
    float* part = next == nullptr ? nullptr : next + taken;
    taken += round_up(floats, 16);
    return part;
  }
};

constexpr std::int64_t kFloat = sizeof(float);

inline void clear(float* x, std::int64_t row, std::int64_t rows, std::int64_t cols) {
  for (std::int64_t i = 0; i < rows; ++i) std::memset(x + i * row, 0, static_cast<std::size_t>(cols * kFloat));
}

// f(i, height) for the rows of [begin, end), kRows at a time; the last two pieces are even, as few rows are slow.
template <typename F>
void for_pieces(std::int64_t begin, std::int64_t end, F&& f) {
  for (std::int64_t i = begin; i < end;) {
    const std::int64_t left = end - i;
    const std::int64_t height = left <= kRows ? left : left < 2 * kRows ? (left + 1) / 2 : kRows;
    f(i, height);
    i += height;
  }
}

// Tasks go to whoever is free: cores shared with others are not equally fast, and causal tasks not equally long.
template <typename F>
void claim_tasks(const Team& team, std::int64_t count, std::int64_t* next, F&& f) {
  if (team.size == 1) {
    for (std::int64_t task = 0; task < count; ++task) f(task);
    return;
  }
  if (team.rank == 0) __atomic_store_n(next, 0, __ATOMIC_RELAXED);
  team.barrier();
  for (std::int64_t task = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED); task < count;
       task = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED)) {
    f(task);
  }
}

// ------------------------------------------------------------------------------------------------ forward

struct ForwardShares {
  float* q;
  float* v;
  float* tile;
  float* largest;
  float* sums;
  std::int64_t floats;

  ForwardShares(const AttentionForward& a, float* own) {
    Shares shares{own};
    q = shares.take(kForwardQueries * a.depth);
    v = shares.take(across_floats(a.width, kKeyBlock));
    tile = shares.take(kKeyBlock * kCols);
    largest = shares.take(kForwardQueries);
    sums = shares.take(kForwardQueries);
    floats = shares.taken;
  }
};

// Even blocks of queries, smaller ones where there would be few.
inline std::int64_t query_blocks(const AttentionForward& a) {
  std::int64_t blocks = ceil_div(a.queries, kForwardQueries);
  while (a.batch * a.heads * blocks < kEnoughTasks && a.queries >= 2 * blocks * kLeastQueries) blocks *= 2;
  return blocks;
}

// The scores of kCols queries from `first` on become weights; the queries' maxima and sums grow. Rows of the tile are keys, of
// which the first `reach` are seen by some of the queries; `key` is the first one. `shrink` becomes what earlier weights must be
// multiplied by.
inline void weigh(const AttentionForward& a, const std::uint8_t* mask, float* tile, std::int64_t first,
                  std::int64_t key, std::int64_t reach, float* largest, float* sums, float* shrink) {
  Vec best[2] = {load(largest), load(largest + kLanes)};
  const Vec before[2] = {best[0], best[1]};
  const Vec nothing = splat(-INFINITY);
  for (std::int64_t i = 0; i < reach; ++i) {
    float* row = tile + i * kCols;
    Vec s[2] = {load(row), load(row + kLanes)};
    const bool hidden = mask != nullptr && mask[key + i] == 0;
    const bool diagonal = a.causal && key + i > first;
    if (hidden || diagonal) {
      // query first + lane sees the key if lane >= key + i - first
      const auto bound = static_cast<std::int32_t>(hidden ? 2 * kCols : key + i - first);
      for (std::int32_t j = 0; j < 2; ++j) {
        s[j] = lane_numbers() + j * static_cast<std::int32_t>(kLanes) >= bound ? s[j] : nothing;
        store(row + j * kLanes, s[j]);
      }
    }
    for (std::int64_t j = 0; j < 2; ++j) best[j] = s[j] > best[j] ? s[j] : best[j];  // a NaN makes the sum NaN
  }
  Vec shift[2];
  Vec total[2] = {};
  for (std::int64_t j = 0; j < 2; ++j) shift[j] = best[j] == nothing ? Vec{} : best[j] * kLog2E;
  for (std::int64_t i = 0; i < reach; ++i) {
    float* row = tile + i * kCols;
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < 2; ++j) {
      const Vec w = weight_exp(load(row + j * kLanes), shift[j]);
      store(row + j * kLanes, w);
      total[j] += w;
    }
  }
  for (std::int64_t j = 0; j < 2; ++j) {
    const Vec factor = weight_exp(before[j], shift[j]);
    store(shrink + j * kLanes, factor);
    store(sums + j * kLanes, load(sums + j * kLanes) * factor + total[j]);
    store(largest + j * kLanes, best[j]);
  }
}

// y for a block of queries of one head.
void attend(const AttentionForward& a, std::int64_t b, std::int64_t h, std::int64_t first, std::int64_t rows,
            const ForwardShares& s) {
  const float* k = a.k + a.k_strides.place(b, h, 0);
  const float* v = a.v + a.v_strides.place(b, h, 0);
  float* y = a.y + a.y_strides.place(b, h, first);
  const std::uint8_t* mask = a.mask == nullptr ? nullptr : a.mask + b * a.keys;
  const std::int64_t groups = panels(rows, kCols);
  const std::int64_t q_panel = kCols * a.depth;
  if (rows % kCols != 0) {  // lanes without a query shall compute with zeros
    std::memset(s.q + (groups - 1) * q_panel, 0, static_cast<std::size_t>(q_panel * kFloat));
  }
  pack_turned(a.q + a.q_strides.place(b, h, first), a.q_strides.row, rows, a.depth, s.q);
  multiply_all(s.q, groups * q_panel, a.scale);
  std::memset(s.sums, 0, static_cast<std::size_t>(kForwardQueries * kFloat));
  for (std::int64_t i = 0; i < kForwardQueries; ++i) s.largest[i] = -INFINITY;

  const std::int64_t end = a.causal ? least(a.keys, first + rows) : a.keys;
  if (end == 0) clear(y, a.y_strides.row, rows, a.width);
  for (std::int64_t key = 0; key < end; key += kKeyBlock) {
    const std::int64_t count = least(kKeyBlock, end - key);
    pack_straight(v + key * a.v_strides.row, a.v_strides.row, count, a.width, s.v);
    for (std::int64_t group = 0; group < groups; ++group) {
      const std::int64_t q = group * kCols;
      // keys of the block that the last of the queries sees
      const std::int64_t reach = a.causal ? least(count, first + q + kCols - key) : count;
      if (reach <= 0) continue;
      for_pieces(0, reach, [&](std::int64_t i, std::int64_t height) {
        multiply_tile<kAsRows>(height, kCols, a.depth, k + (key + i) * a.k_strides.row, s.q + group * q_panel, kCols,
                               s.tile + i * kCols, kCols, nullptr, false, a.k_strides.row);
      });
      float shrink[kCols];
      weigh(a, mask, s.tile, first + q, key, reach, s.largest + q, s.sums + q, shrink);
      const std::int64_t height = least(kCols, rows - q);
      for (std::int64_t i = 0; i < height && key > 0; ++i) {
        if (shrink[i] != 1.0F) multiply_all(y + (q + i) * a.y_strides.row, a.width, shrink[i]);
      }
      for (std::int64_t c = 0; c < a.width; c += kCols) {
        for_pieces(0, height, [&](std::int64_t i, std::int64_t piece) {
          multiply_tile<kCols>(piece, least(kCols, a.width - c), reach, s.tile + i, s.v + c * count, kCols,
                               y + (q + i) * a.y_strides.row + c, a.y_strides.row, nullptr, key > 0);
        });
      }
    }
  }

  float* norms = a.norms + ((b * a.heads + h) * a.queries + first) * 2;
  for (std::int64_t i = 0; i < rows; ++i) {
    const bool none = s.sums[i] == 0.0F;
    const float inverse = none ? 0.0F : 1.0F / s.sums[i];
    norms[2 * i] = none ? 0.0F : s.largest[i];
    norms[2 * i + 1] = inverse;
    multiply_all(y + i * a.y_strides.row, a.width, inverse);
  }
}

// ------------------------------------------------------------------------------------------------ backward

struct BackwardShares {
  float* k_turned;
  float* k_straight;
  float* v_turned;
  float* q_scaled;  // by rows: scores have the bits that they had in the forward pass
  float* q_straight;
  float* dy_straight;
  float* weights;
  float* scores;  // the gradient by the scores
  float* deltas;  // of all queries of a head: dy[i] y[i]
  std::int64_t floats;

  BackwardShares(const AttentionBackward& a, float* own) {
    Shares shares{own};
    k_turned = shares.take(kKeyBlock * a.depth);
    k_straight = shares.take(across_floats(a.depth, kKeyBlock));
    v_turned = shares.take(kKeyBlock * a.width);
    q_scaled = shares.take(kQueryBlock * a.depth);
    q_straight = shares.take(across_floats(a.depth, kQueryBlock));
    dy_straight = shares.take(across_floats(a.width, kQueryBlock));
    weights = shares.take(kQueryBlock * kStep);
    scores = shares.take(kQueryBlock * kStep);
    deltas = shares.take(a.queries);
    floats = shares.taken;
  }
};

inline std::int64_t key_ranges(const AttentionBackward& a) {
  const std::int64_t blocks = ceil_div(a.keys, kKeyBlock);
  return most(1, least(blocks, ceil_div(kEnoughHeads, most(1, a.batch * a.heads))));
}
// Copies of dq.
inline std::int64_t partial_floats(const AttentionBackward& a) {
  const std::int64_t ranges = key_ranges(a);
  return a.dq == nullptr || ranges == 1 ? 0 : ranges * a.batch * a.heads * a.queries * a.depth;
}

// The sum of the products of two rows.
inline float dot(const float* a, const float* b, std::int64_t size) {
  Vec total{};
  for_vectors(size, [&](std::int64_t i, std::int64_t n) {
    total += n == kLanes ? load(a + i) * load(b + i) : load(a + i, n) * load(b + i, n);
  });
  return sum(total);
}

// One row of scores becomes weights, and of gradients by weights, gradients by scores. `seen` keys from the block's start on
// are not hidden from the query; `keep` says which those of a mask are. Results beyond are 0, up to `reach`.
template <bool kMasked>
void weigh_row(float* weights, float* scores, std::int64_t reach, std::int64_t seen, const std::uint8_t* mask,
               std::int64_t keys, float largest, float inverse, float delta, float scale) {
  const Vec shift = splat(largest * kLog2E);
  for (std::int64_t j = 0; j < reach; j += kLanes) {
    Vec w = weight_exp(load(weights + j), shift) * inverse;
    Vec g = w * scale * (load(scores + j) - delta);
    if (kMasked || j + kLanes > seen) {
      IntVec keep = lane_numbers() < static_cast<std::int32_t>(seen - j);
      if (kMasked) {
        for (std::int64_t lane = 0; lane < least(kLanes, keys - j); ++lane) keep[lane] &= mask[j + lane] != 0 ? -1 : 0;
      }
      w = keep ? w : Vec{};
      g = keep ? g : Vec{};
    }
    store(weights + j, w);
    store(scores + j, g);
  }
}

// One block of keys of one head, for all queries: dk and dv, and what it adds to dq.
void attend_back(const AttentionBackward& a, std::int64_t b, std::int64_t h, std::int64_t key, std::int64_t count,
                 float* dq, std::int64_t dq_row, bool add_dq, const BackwardShares& s) {
  const float* k = a.k + a.k_strides.place(b, h, key);
  float* dk = a.dk == nullptr ? nullptr : a.dk + a.dk_strides.place(b, h, key);
  float* dv = a.dv == nullptr ? nullptr : a.dv + a.dv_strides.place(b, h, key);
  const std::uint8_t* mask = a.mask == nullptr ? nullptr : a.mask + b * a.keys + key;
  const bool by_scores = dq != nullptr || dk != nullptr;
  const std::int64_t start = a.causal ? key - key % kQueryBlock : 0;
  if (start >= a.queries) {  // no query sees these keys
    if (dk != nullptr && !a.accumulate_dk) clear(dk, a.dk_strides.row, count, a.depth);
    if (dv != nullptr && !a.accumulate_dv) clear(dv, a.dv_strides.row, count, a.width);
    return;
  }
  pack_turned(k, a.k_strides.row, count, a.depth, s.k_turned);
  if (dq != nullptr) pack_straight(k, a.k_strides.row, count, a.depth, s.k_straight);
  if (by_scores) {
    pack_turned(a.v + a.v_strides.place(b, h, key), a.v_strides.row, count, a.width, s.v_turned);
  }

  for (std::int64_t first = start; first < a.queries; first += kQueryBlock) {
    const std::int64_t rows = least(kQueryBlock, a.queries - first);
    const float* q = a.q + a.q_strides.place(b, h, first);
    const float* dy = a.dy + a.y_strides.place(b, h, first);
    const float* norms = a.norms + ((b * a.heads + h) * a.queries + first) * 2;
    for (std::int64_t i = 0; i < rows; ++i) {
      map(q + i * a.q_strides.row, s.q_scaled + i * a.depth, a.depth,
          [=, factor = a.scale](Vec x) { return x * factor; });
    }
    if (dk != nullptr) pack_straight(q, a.q_strides.row, rows, a.depth, s.q_straight);
    if (dv != nullptr) pack_straight(dy, a.y_strides.row, rows, a.width, s.dy_straight);

    // keys of the block that queries before row `row` see, and the first row that sees a key
    const auto seen = [&](std::int64_t row) { return a.causal ? most(0, least(count, first + row - key)) : count; };
    const auto from = [&](std::int64_t j) { return a.causal ? least(rows, most(0, key + j - first)) : 0; };
    for (std::int64_t j = 0; j < count; j += kCols) {
      for_pieces(from(j), rows, [&](std::int64_t i, std::int64_t height) {
        multiply_tile<kAsRows>(height, kCols, a.depth, s.q_scaled + i * a.depth, s.k_turned + j * a.depth, kCols,
                               s.weights + i * kStep + j, kStep, nullptr, false, a.depth);
        if (!by_scores) return;
        multiply_tile<kAsRows>(height, kCols, a.width, dy + i * a.y_strides.row, s.v_turned + j * a.width, kCols,
                               s.scores + i * kStep + j, kStep, nullptr, false, a.y_strides.row);
      });
    }
    for (std::int64_t i = 0; i < rows; ++i) {
      float* weights = s.weights + i * kStep;
      float* scores = s.scores + i * kStep;
      const std::int64_t reach = round_up(seen(i + 1), kCols);
      const float delta = s.deltas[first + i];
      if (mask != nullptr) {
        weigh_row<true>(weights, scores, reach, seen(i + 1), mask, count, norms[2 * i], norms[2 * i + 1], delta,
                        a.scale);
      } else {
        weigh_row<false>(weights, scores, reach, seen(i + 1), mask, count, norms[2 * i], norms[2 * i + 1], delta,
                         a.scale);
      }
      if (reach < count) {  // a piece of queries or keys may lie across two panels of kCols, and reads some more
        for (std::int64_t j = 0; j < kCols; j += kLanes) {
          store(weights + reach + j, Vec{});
          store(scores + reach + j, Vec{});
        }
      }
    }
    // adds the product of one of the tiles, turned, and a block of rows
    const auto add_turned = [&](const float* tile, const float* straight, std::int64_t width, float* to,
                                std::int64_t to_row, bool accumulate) {
      for (std::int64_t c = 0; c < width; c += kCols) {
        for_pieces(0, count, [&](std::int64_t j, std::int64_t height) {
          const std::int64_t skip = from(j);
          multiply_tile<kStep>(height, least(kCols, width - c), rows - skip, tile + skip * kStep + j,
                               straight + c * rows + skip * kCols, kCols, to + j * to_row + c, to_row, nullptr,
                               accumulate || first > start);
        });
      }
    };
    if (dv != nullptr) add_turned(s.weights, s.dy_straight, a.width, dv, a.dv_strides.row, a.accumulate_dv);
    if (dk != nullptr) add_turned(s.scores, s.q_straight, a.depth, dk, a.dk_strides.row, a.accumulate_dk);
    for (std::int64_t c = 0; dq != nullptr && c < a.depth; c += kCols) {
      for_pieces(0, rows, [&](std::int64_t i, std::int64_t height) {
        const std::int64_t reach = seen(i + height);
        if (reach == 0) return;
        multiply_tile<kAsRows>(height, least(kCols, a.depth - c), reach, s.scores + i * kStep, s.k_straight + c * count,
                               kCols, dq + (first + i) * dq_row + c, dq_row, nullptr, add_dq, kStep);
      });
    }
  }
}

// dq as the sum of its copies, one for each range of keys.
void join_partials(const AttentionBackward& a, const float* partials, std::int64_t ranges, const Team& team) {
  const std::int64_t size = a.batch * a.heads * a.queries * a.depth;
  for_tasks(team, a.batch * a.heads, [&](std::int64_t task) {
    for (std::int64_t i = 0; i < a.queries; ++i) {
      const float* from = partials + (task * a.queries + i) * a.depth;
      float* dq = a.dq + a.dq_strides.place(task / a.heads, task % a.heads, i);
      for_vectors(a.depth, [&](std::int64_t c, std::int64_t n) {
        const auto get = [&](const float* p) { return n == kLanes ? load(p) : load(p, n); };
        Vec total = a.accumulate_dq ? get(dq + c) : Vec{};
        for (std::int64_t range = 0; range < ranges; ++range) total += get(from + range * size + c);
        if (n == kLanes) {
          store(dq + c, total);
        } else {
          store(dq + c, total, n);
        }
      });
    }
  });
}

template <typename Args>
bool worth_sharing(const Args& a, double products) {
  const double terms = static_cast<double>(a.queries) * static_cast<double>(a.keys);
  const double heads = static_cast<double>(a.batch * a.heads);
  return products * heads * terms * static_cast<double>(a.depth + a.width) >= kSerialFlops;
}

}  // namespace

std::int64_t tasks(const AttentionForward& args) {
  return worth_sharing(args, 2.0) ? args.batch * args.heads * query_blocks(args) : 1;
}

std::int64_t tasks(const AttentionBackward& args) {
  return worth_sharing(args, 5.0) ? args.batch * args.heads * key_ranges(args) : 1;
}

std::int64_t workspace(const AttentionForward& args, std::int64_t team_size) {
  return (kCounterFloats + team_size * ForwardShares(args, nullptr).floats) * kFloat;
}

std::int64_t workspace(const AttentionBackward& args, std::int64_t team_size) {
  return (kCounterFloats + partial_floats(args) + team_size * BackwardShares(args, nullptr).floats) * kFloat;
}

void attention_forward(const AttentionForward& a, std::byte* workspace, const Team& team) {
  if (a.batch * a.heads * a.queries == 0) return;
  auto* floats = reinterpret_cast<float*>(workspace) + kCounterFloats;
  ForwardShares own(a, nullptr);
  own = ForwardShares(a, floats + team.rank * own.floats);
  const std::int64_t heads = a.batch * a.heads;
  const Cut blocks{panels(a.queries, kCols), query_blocks(a)};
  claim_tasks(team, heads * blocks.blocks, reinterpret_cast<std::int64_t*>(workspace), [&](std::int64_t task) {
    const std::int64_t head = task % heads;
    const std::int64_t block = blocks.blocks - 1 - task / heads;  // of causal ones the longest first
    const std::int64_t first = blocks.begin(block) * kCols;
    const std::int64_t end = least(a.queries, blocks.begin(block + 1) * kCols);
    attend(a, head / a.heads, head % a.heads, first, end - first, own);
  });
}

void attention_backward(const AttentionBackward& a, std::byte* workspace, const Team& team) {
  if (a.batch * a.heads == 0) return;
  const std::int64_t ranges = key_ranges(a);
  const std::int64_t heads = a.batch * a.heads;
  auto* partials = reinterpret_cast<float*>(workspace) + kCounterFloats;
  const bool joined = partial_floats(a) > 0;
  BackwardShares own(a, nullptr);
  own = BackwardShares(a, partials + partial_floats(a) + team.rank * own.floats);
  const Cut keys{ceil_div(a.keys, kKeyBlock), ranges};
  claim_tasks(team, heads * ranges, reinterpret_cast<std::int64_t*>(workspace), [&](std::int64_t task) {
    const std::int64_t b = task % heads / a.heads;
    const std::int64_t h = task % heads % a.heads;
    float* dq = a.dq == nullptr ? nullptr : a.dq + a.dq_strides.place(b, h, 0);
    std::int64_t dq_row = a.dq_strides.row;
    if (joined) {
      dq = partials + task * a.queries * a.depth;  // [range, head]
      dq_row = a.depth;
    }
    if (dq != nullptr && (joined || (a.keys == 0 && !a.accumulate_dq))) clear(dq, dq_row, a.queries, a.depth);
    for (std::int64_t i = 0; i < a.queries; ++i) {
      const std::int64_t row = a.y_strides.place(b, h, i);
      own.deltas[i] = dot(a.dy + row, a.y + row, a.width);
    }
    for (std::int64_t block = keys.begin(task / heads); block < keys.begin(task / heads + 1); ++block) {
      const std::int64_t key = block * kKeyBlock;
      attend_back(a, b, h, key, least(kKeyBlock, a.keys - key), dq, dq_row, joined || a.accumulate_dq || block > 0,
                  own);
    }
  });
  if (!joined) return;
  team.barrier();
  join_partials(a, partials, ranges, team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
