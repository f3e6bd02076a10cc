// The matrix product y = a b for any strides of a and b, in float32.
//
// y is cut into tiles; a block computes one, 256 threads with kRows x kCols elements each in registers: as 16 x 16, or for
// small products, each warp as 4 x 8 with an eighth of the terms; the warps' sums are joined in shared memory. Slices of a
// and b, kDepth deep, go through a ring in shared memory; while one is multiplied the next ones are copied (cp.async).
// After kSumTerms the sums are added to y, which saves the registers of a second set of sums. Where tiles are few and k is
// long, k is cut into parts, each with a block for every tile; their sums go to the workspace and are added first to last by a
// second launch. Products of few rows or columns: cuda_thin_gemm.hpp.
//
// Tile, parts and so the order of a sum depend on the shape alone, and on whether there is a workspace.
#pragma once

#include "nautile/cuda_grid.hpp"
#include "nautile/cuda_sum.hpp"
#include "nautile/cuda_thin_gemm.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kPad = 4;     // keeps the rows of a slice aligned and moves them to other banks
constexpr int kStages = 4;  // slices in the ring

template <int kDepth, int kWidth>
using Slice = float[kDepth][kWidth + kPad];

// A tile by the elements of a thread, and among how many groups of threads, one or the warps, the terms are dealt.
template <int kRows_, int kCols_, int kGroups_>
struct Tile {
  static constexpr int kRows = kRows_;
  static constexpr int kCols = kCols_;
  static constexpr int kGroups = kGroups_;
  static constexpr int kDown = kGroups == 1 ? 16 : 4;  // threads
  static constexpr int kAcross = kGroups == 1 ? 16 : 8;
  static constexpr int kHeight = kDown * kRows;
  static constexpr int kWidth = kAcross * kCols;
  static constexpr int kDepth = kGroups == 1 ? 16 : 256 / kRows;  // so that enough is under way
  static constexpr int kSlices = kSumTerms * kGroups / kDepth;    // that are added up
  static_assert(kGroups == 1 || kGroups * 32 == kThreads);

  struct Stage {
    Slice<kDepth, kHeight> a;
    Slice<kDepth, kWidth> b;
  };
};

// How neighbouring threads copy a slice of an operand: along k, across it, or across it by four.
enum class Order : int { along, across, fours };

// A slice's operand: element (i, p), i along m or n and p along k, lies at p * along + i * across.
struct Operand {
  const float* data;
  std::int64_t batch;
  std::int64_t across;
  std::int64_t along;
  Order order;
};

// A thread's copies of a slice: from (i, p) on, `from` being there already.
template <int kDepth, int kWidth, Order kOrder, bool kWhole>
__device__ void copy_turns(const Operand& x, const float* from, int i, int p, int width, int depth,
                           Slice<kDepth, kWidth>& to) {
  constexpr int kFloats = kOrder == Order::fours ? kFour : 1;
  constexpr int kIStep = kOrder == Order::along ? kThreads / kDepth : 0;
  constexpr int kPStep = kOrder == Order::along ? 0 : kThreads * kFloats / kWidth;
  constexpr int kTurns = (kWidth * kDepth + kThreads * kFloats - 1) / (kThreads * kFloats);
  if (p >= kDepth) return;  // a narrow slice has fewer copies than the block threads
  const std::int64_t step = kIStep * x.across + kPStep * x.along;
  NTL_UNROLL_BY(kWhole ? kTurns : 1)  // by more, what is valid takes registers from the sums
  for (int turn = 0; turn < kTurns; ++turn) {
    const bool valid = kWhole || (i + turn * kIStep < width && p + turn * kPStep < depth);
    if constexpr (kFloats == kFour) {
      cuda::cp_async_16(&to[p + turn * kPStep][i], from, valid);
    } else {
      cuda::cp_async_4(&to[p + turn * kPStep][i + turn * kIStep], from, valid);
    }
    from += step;
  }
}

// Where a thread's copies of a slice begin.
struct Begin {
  int i;
  int p;

  __device__ std::int64_t of(const Operand& x) const { return i * x.across + p * x.along; }
};
template <int kDepth, int kWidth>
__device__ Begin begin_of(Order order) {
  const int thread = static_cast<int>(threadIdx.x);
  if (order == Order::along) return {thread / kDepth, thread % kDepth};
  constexpr int kFours = kWidth / kFour;
  if (order == Order::fours) return {thread % kFours * kFour, thread / kFours};
  return {thread % kWidth, thread / kWidth};
}

// The elements (i, p) for i < kWidth and p < kDepth, zeros beyond width and depth, into to[p][i]; `from` is where the
// thread's copies begin.
template <int kDepth, int kWidth>
__device__ void copy_slice(const Operand& x, const float* from, Begin begin, int width, int depth,
                           Slice<kDepth, kWidth>& to) {
  const bool whole = width == kWidth && depth == kDepth;
  if (x.order == Order::fours) {
    if (whole) {
      copy_turns<kDepth, kWidth, Order::fours, true>(x, from, begin.i, begin.p, width, depth, to);
    } else {
      copy_turns<kDepth, kWidth, Order::fours, false>(x, from, begin.i, begin.p, width, depth, to);
    }
  } else if (x.order == Order::along) {
    if (whole) {
      copy_turns<kDepth, kWidth, Order::along, true>(x, from, begin.i, begin.p, width, depth, to);
    } else {
      copy_turns<kDepth, kWidth, Order::along, false>(x, from, begin.i, begin.p, width, depth, to);
    }
  } else {
    copy_turns<kDepth, kWidth, Order::across, false>(x, from, begin.i, begin.p, width, depth, to);
  }
}
__device__ inline int least(int a, std::int64_t b) { return b < a ? static_cast<int>(b) : a; }

// The places of a thread among the 16 x 16 of a tile, and of a lane among 4 x 8: a warp has 4 rows and 8 columns, of which
// lane ^ 1 shares the row and lane ^ 2 the column, so that shared memory serves twice as many lanes at a time.
__device__ inline int row_of(int thread) { return thread / 64 * 4 + (thread >> 3 & 2) + (thread >> 1 & 1); }
__device__ inline int col_of(int thread) { return (thread >> 2 & 8) + (thread >> 1 & 6) + (thread & 1); }

// Element `i` of a thread's kTile along one side: runs of up to four, kSide runs apart, so that the threads of a warp read
// a slice without meeting in a bank.
template <int kSide, int kTile>
__device__ constexpr int place(int thread, int i) {
  constexpr int kRun = kTile < kFour ? kTile : kFour;
  return i / kRun * kRun * kSide + thread * kRun + i % kRun;
}

// How many elements lie side by side in such a run.
template <int kTile>
constexpr int kRun = kTile < kFour ? kTile : kFour;

// A thread's sums.
template <typename T>
using Sums = float[T::kRows][T::kCols];

// Adds the products of a group's share of the terms of a slice.
template <typename T>
__device__ void multiply(const typename T::Stage& from, int group, int row, int col, Sums<T>& sum) {
  constexpr int kDown = kRun<T::kRows>;
  constexpr int kAcross = kRun<T::kCols>;
  constexpr int kTerms = T::kDepth / T::kGroups;
  NTL_UNROLL
  for (int term = 0; term < kTerms; ++term) {
    const int p = group * kTerms + term;
    Pack<kDown> a_run[T::kRows / kDown];
    Pack<kAcross> b_run[T::kCols / kAcross];
    NTL_UNROLL
    for (int i = 0; i < T::kRows / kDown; ++i) {
      a_run[i] = load<kDown>(&from.a[p][place<T::kDown, T::kRows>(row, i * kDown)]);
    }
    NTL_UNROLL
    for (int j = 0; j < T::kCols / kAcross; ++j) {
      b_run[j] = load<kAcross>(&from.b[p][place<T::kAcross, T::kCols>(col, j * kAcross)]);
    }
    NTL_UNROLL
    for (int i = 0; i < T::kRows; ++i) {
      NTL_UNROLL
      for (int j = 0; j < T::kCols; ++j) {
        sum[i][j] = fmaf(a_run[i / kDown].v[i % kDown], b_run[j / kAcross].v[j % kAcross], sum[i][j]);
      }
    }
  }
}

// Adds the sums of all groups to those of the first: of twice as many groups the second half to the first, and so on.
template <typename T>
__device__ void join_groups(int group, float* shared, Sums<T>& sum) {
  constexpr int kLength = kRun<T::kCols>;
  constexpr int kRuns = T::kRows * T::kCols / kLength;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  NTL_UNROLL_BY(1)
  for (int half = T::kGroups / 2; half > 0; half /= 2) {
    __syncthreads();  // what was in shared memory has been read
    float* const runs = shared + (group % half * kRuns * 32 + lane) * kLength;
    if (group >= half && group < 2 * half) {
      NTL_UNROLL
      for (int r = 0; r < kRuns; ++r) {
        Pack<kLength> run;
        NTL_UNROLL
        for (int e = 0; e < kLength; ++e) run.v[e] = sum[r * kLength / T::kCols][r * kLength % T::kCols + e];
        store(runs + r * 32 * kLength, run);
      }
    }
    __syncthreads();
    if (group < half) {
      NTL_UNROLL
      for (int r = 0; r < kRuns; ++r) {
        const Pack<kLength> run = load<kLength>(runs + r * 32 * kLength);
        NTL_UNROLL
        for (int e = 0; e < kLength; ++e) sum[r * kLength / T::kCols][r * kLength % T::kCols + e] += run.v[e];
      }
    }
  }
}

// A tile's place in y.
struct Target {
  float* y;
  std::int64_t y_row;
  int height;
  int width;
  bool fours;  // its runs are moved at once
};

// Adds the bias of its column to each sum.
template <typename T>
__device__ void add_bias(const float* bias, int width, int col, Sums<T>& sum) {
  NTL_UNROLL
  for (int j = 0; j < T::kCols; ++j) {
    const int c = place<T::kAcross, T::kCols>(col, j);
    const float v = c < width ? bias[c] : 0.0F;
    NTL_UNROLL
    for (int i = 0; i < T::kRows; ++i) sum[i][j] += v;
  }
}

// Moves the sums to y, or adds them to what is there.
template <typename T>
__device__ void put_sums(const Target& to, int row, int col, bool add, Sums<T>& sum) {
  constexpr int kLength = kRun<T::kCols>;
  NTL_UNROLL
  for (int i = 0; i < T::kRows; ++i) {
    const int r = place<T::kDown, T::kRows>(row, i);
    NTL_UNROLL
    for (int j = 0; j < T::kCols; j += kLength) {
      const int c = place<T::kAcross, T::kCols>(col, j);
      float* y = to.y + r * to.y_row + c;
      if (r < to.height && c < to.width) {
        if (to.fours) {
          Pack<kLength> v = add ? load<kLength>(y) : Pack<kLength>{};
          NTL_UNROLL
          for (int e = 0; e < kLength; ++e) v.v[e] += sum[i][j + e];
          store(y, v);
        } else {
          NTL_UNROLL
          for (int e = 0; e < kLength; ++e) {
            if (c + e < to.width) y[e] = (add ? y[e] : 0.0F) + sum[i][j + e];
          }
        }
      }
      NTL_UNROLL
      for (int e = 0; e < kLength; ++e) sum[i][j + e] = 0.0F;
    }
  }
}

// How a product is cut: `down` rows of `across` tiles, and k into parts of so many slices.
struct Cut {
  std::int64_t down;
  std::int64_t across;
  std::int64_t parts;
  std::int64_t slices;
  bool fours;
};

// Blocks that a processor is to hold at once: as many as leave a thread the registers for its sums.
constexpr int resident(int results) { return results > 16 ? 2 : 4; }

// grid: the tiles of all parts of all matrices; with more parts than one, y has a matrix for each of them. Block: kThreads.
// Shared memory: kStages Stages, 66 KiB for 8 x 8 elements a thread, 50 for 8 x 4, 34 for 4 x 4, 18 for 2 x 2; by warps 56 for
// 4 x 4, 64 for 2 x 2.
template <typename T>
__global__ void __launch_bounds__(kThreads, resident(T::kRows* T::kCols))
    gemm_by_tile(Gemm g, Operand a, Operand b, Cut cut) {
  using Ring = typename T::Stage;
  constexpr int kDepth = T::kDepth;
  NTL_DYNAMIC_SHARED(Ring, ring);
  const int thread = static_cast<int>(threadIdx.x) % (kThreads / T::kGroups);
  const int group = static_cast<int>(threadIdx.x) / (kThreads / T::kGroups);
  const int row = row_of(thread);
  const int col = col_of(thread);
  const std::int64_t tiles = cut.down * cut.across;
  const std::int64_t all = g.k == 0 ? 1 : ceil_div(g.k, kDepth);  // an empty sum: one of zeros
  for (std::int64_t s = blockIdx.x; s < g.batch * cut.parts * tiles; s += gridDim.x) {
    const std::int64_t result = quotient(s, tiles);
    const std::int64_t matrix = quotient(result, cut.parts);
    const std::int64_t start = (result - matrix * cut.parts) * cut.slices;
    const std::int64_t line = quotient(s - result * tiles, cut.across);
    const std::int64_t top = line * T::kHeight;
    const std::int64_t left = (s - result * tiles - line * cut.across) * T::kWidth;
    const Target tile{g.y + result * g.y_batch + top * g.y_row + left, g.y_row, least(T::kHeight, g.m - top),
                      least(T::kWidth, g.n - left), cut.fours};
    const int slices = least(INT32_MAX, cut.slices < all - start ? cut.slices : all - start);
    const Begin a_begin = begin_of<kDepth, T::kHeight>(a.order);
    const Begin b_begin = begin_of<kDepth, T::kWidth>(b.order);
    const float* a_next = a.data + a_begin.of(a) + matrix * a.batch + top * a.across + start * kDepth * a.along;
    const float* b_next = b.data + b_begin.of(b) + matrix * b.batch + left * b.across + start * kDepth * b.along;
    const int tail = least(kDepth, g.k - (start + slices - 1) * kDepth);
    const auto copy = [&](int slice) {
      if (slice < slices) {
        const int depth = slice + 1 == slices ? tail : kDepth;
        copy_slice<kDepth, T::kHeight>(a, a_next, a_begin, tile.height, depth, ring[slice % kStages].a);
        copy_slice<kDepth, T::kWidth>(b, b_next, b_begin, tile.width, depth, ring[slice % kStages].b);
        a_next += kDepth * a.along;
        b_next += kDepth * b.along;
      }
      cuda::cp_async_commit();
    };

    Sums<T> sum = {};
    NTL_UNROLL_BY(1)
    for (int slice = 0; slice < kStages - 1; ++slice) copy(slice);
    NTL_UNROLL_BY(1)
    for (int slice = 0; slice < slices; ++slice) {
      cuda::cp_async_wait<kStages - 2>();
      __syncthreads();  // the slice is there, and the one before is no longer read
      copy(slice + kStages - 1);
      multiply<T>(ring[slice % kStages], group, row, col, sum);
      const bool last = slice + 1 == slices;
      if (last || (T::kGroups == 1 && (slice + 1) % T::kSlices == 0)) {
        if constexpr (T::kGroups > 1) {
          join_groups<T>(group, &ring[0].a[0][0], sum);
          if (group > 0) break;
        }
        const int at_row = cuda::renewed(row);
        const int at_col = cuda::renewed(col);
        if (last && g.bias != nullptr) add_bias<T>(g.bias + left, tile.width, at_col, sum);
        put_sums<T>(tile, at_row, at_col, g.accumulate || slice >= T::kSlices, sum);
      }
    }
    __syncthreads();  // the ring is written again for the next tile
  }
}

inline Operand operand(const float* data, std::int64_t batch, std::int64_t across, std::int64_t along,
                       std::int64_t width) {
  const bool fours = across == 1 && along % kFour == 0 && batch % kFour == 0 && width % kFour == 0 && aligned(data);
  return {data, batch, across, along, fours ? Order::fours : along == 1 ? Order::along : Order::across};
}

// ------------------------------------------------------------------------------------------------ tiles and parts

// A tile, what a block needs for a slice, in nanoseconds on an H200: alone on a processor, and beside the others that fit
// there, and to join its groups. Fitted, like the constants below, to times of products between 64^3 and 4096^3, from which
// the estimate is 6 % away on average. Larger tiles (16 x 8) are slower for all of them, and so are 8 x 8 by warps.
struct TimedTile {
  std::int64_t height;
  std::int64_t width;
  std::int64_t depth;
  std::int64_t most;  // slices of a part
  std::int64_t alone;
  std::int64_t beside;
  std::int64_t join;
};
template <typename T>
constexpr TimedTile timed(std::int64_t alone, std::int64_t beside, std::int64_t join) {
  return {T::kHeight, T::kWidth, T::kDepth, T::kGroups == 1 ? INT64_MAX : T::kSlices, alone, beside, join};
}
constexpr TimedTile kTiles[] = {timed<Tile<8, 8, 1>>(1810, 1620, 0),  timed<Tile<8, 4, 1>>(1120, 960, 0),
                                timed<Tile<4, 4, 1>>(760, 565, 0),    timed<Tile<2, 2, 1>>(455, 285, 0),
                                timed<Tile<4, 4, 8>>(540, 380, 1200), timed<Tile<2, 2, 8>>(600, 400, 700)};

// f of the tile that is kTiles[tile].
template <typename F>
auto with_tile(int tile, F&& f) {
  switch (tile) {
    case 0: return f(Tile<8, 8, 1>{});
    case 1: return f(Tile<8, 4, 1>{});
    case 2: return f(Tile<4, 4, 1>{});
    case 3: return f(Tile<2, 2, 1>{});
    case 4: return f(Tile<4, 4, 8>{});
    default: return f(Tile<2, 2, 8>{});
  }
}

constexpr std::int64_t kStartTime = 1100;              // of a launch, ns
constexpr std::int64_t kJoinTime = 2000;               // of the second, ns
constexpr std::int64_t kJoinBytes = 10000;             // that it moves in a nanosecond, in the L2
constexpr std::int64_t kMostShares = 32 << 20;         // bytes of the workspace
constexpr std::int64_t kMostBlocks = 8 * kProcessors;  // of a product that is cut
constexpr std::int64_t kFewestSlices = 2;              // of a part
constexpr std::int64_t kPartsTried[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

struct Plan {
  int tile;
  std::int64_t parts;
  std::int64_t terms;  // of a part, whole slices
  std::int64_t time;   // ns
};

// The tile and parts that should take the least time; bytes of workspace limit the parts.
inline Plan plan_of(const Gemm& g, std::int64_t bytes) {
  const std::int64_t size = g.batch * g.m * g.n * static_cast<std::int64_t>(sizeof(float));
  Plan best{0, 1, g.k, INT64_MAX};
  for (int tile = 0; tile < static_cast<int>(sizeof(kTiles) / sizeof(TimedTile)); ++tile) {
    const TimedTile& t = kTiles[tile];
    const std::int64_t all = g.k == 0 ? 1 : ceil_div(g.k, t.depth);
    const std::int64_t tiles = g.batch * ceil_div(g.m, t.height) * ceil_div(g.n, t.width);
    for (const std::int64_t wanted : kPartsTried) {
      if (wanted > 1 && (all < wanted * kFewestSlices || tiles * wanted > kMostBlocks)) break;
      const std::int64_t slices = ceil_div(all, wanted);
      const std::int64_t parts = ceil_div(all, slices);
      if (parts > 1 && parts * size > bytes) break;
      if (slices > t.most) continue;
      const std::int64_t turns = ceil_div(tiles * parts, kProcessors);
      const std::int64_t join = parts == 1 ? 0 : kJoinTime + (parts + 1) * size / kJoinBytes;
      const std::int64_t time = kStartTime + t.join + (slices + 1) * (turns == 1 ? t.alone : turns * t.beside) + join;
      if (time < best.time) best = {tile, parts, slices * t.depth, time};
    }
  }
  return best;
}

// y, or what is there and, plus the bias of each column, plus the sums of the parts from first to last. A thread for kPack
// elements.
template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads) gemm_join_parts(Gemm g, const float* shares, Index parts) {
  const Index size = static_cast<Index>(g.m * g.n);
  for_items(static_cast<Index>(g.batch) * size / kPack, [&](Index item) {
    const Index i = item * kPack;
    const Index matrix = i / size;
    const Index row = (i - matrix * size) / static_cast<Index>(g.n);
    const Index col = i - matrix * size - row * static_cast<Index>(g.n);
    const float* from = shares + std::int64_t{matrix} * parts * size + (i - matrix * size);
    Pack<kPack> sum = load<kPack>(from);
    NTL_UNROLL_BY(4)
    for (Index part = 1; part < parts; ++part) {
      const Pack<kPack> share = load<kPack>(from + std::int64_t{part} * size);
      NTL_UNROLL
      for (int e = 0; e < kPack; ++e) sum.v[e] += share.v[e];
    }
    float* y = g.y + std::int64_t{matrix} * g.y_batch + std::int64_t{row} * g.y_row + col;
    NTL_UNROLL
    for (int e = 0; e < kPack; ++e) {
      if (g.bias != nullptr) sum.v[e] += g.bias[col + e];
      if (g.accumulate) sum.v[e] += y[e];
    }
    store(y, sum);
  });
}

// The product whose results are the parts' sums, [batch, parts, m, n].
inline Gemm into_shares(Gemm g, float* shares) {
  g.y = shares;
  g.y_batch = g.m * g.n;
  g.y_row = g.n;
  g.bias = nullptr;
  g.accumulate = false;
  return g;
}

inline bool y_in_fours(const Gemm& g) {
  return g.n % kFour == 0 && g.y_row % kFour == 0 && g.y_batch % kFour == 0 && aligned(g.y);
}

inline void join_parts(const Gemm& g, const float* shares, std::int64_t parts, const Team& team) {
  const std::int64_t size = g.batch * g.m * g.n;
  if (!short_index(size * parts)) {
    NTL_LAUNCH((gemm_join_parts<std::int64_t, 1>), blocks_for(size, kThreads), dim3(kThreads), 0, stream_of(team), g,
               shares, parts);
  } else if (y_in_fours(g)) {
    NTL_LAUNCH((gemm_join_parts<std::uint32_t, kFour>), blocks_for(size / kFour, kThreads), dim3(kThreads), 0,
               stream_of(team), g, shares, static_cast<std::uint32_t>(parts));
  } else {
    NTL_LAUNCH((gemm_join_parts<std::uint32_t, 1>), blocks_for(size, kThreads), dim3(kThreads), 0, stream_of(team), g,
               shares, static_cast<std::uint32_t>(parts));
  }
}

// False, and nothing done, where the device has too little shared memory.
template <typename T>
bool gemm_in_tiles(const Gemm& g, const Plan& plan, const Team& team) {
  constexpr std::size_t kBytes = kStages * sizeof(typename T::Stage);
  if (!allow_shared(&gemm_by_tile<T>, kBytes)) return false;
  const Cut cut{ceil_div(g.m, T::kHeight), ceil_div(g.n, T::kWidth), plan.parts, ceil_div(plan.terms, T::kDepth),
                y_in_fours(g)};
  NTL_LAUNCH((gemm_by_tile<T>), blocks_for(g.batch * plan.parts * cut.down * cut.across, 1), dim3(kThreads), kBytes,
             stream_of(team), g, operand(g.a, g.a_batch, g.a_row, g.a_col, g.m),
             operand(g.b, g.b_batch, g.b_col, g.b_row, g.n), cut);
  return true;
}

inline void gemm_as(const Plan& plan, const Gemm& g, float* shares, const Team& team) {
  const Gemm product = plan.parts == 1 ? g : into_shares(g, shares);
  if (!with_tile(plan.tile, [&](auto tile) { return gemm_in_tiles<decltype(tile)>(product, plan, team); })) {
    gemm_in_tiles<Tile<4, 4, 1>>(product, plan, team);
  }
  if (plan.parts > 1) join_parts(g, shares, plan.parts, team);
}

inline bool empty(const Gemm& g) { return g.batch == 0 || g.m == 0 || g.n == 0; }

// The bytes of workspace that gemm can use.
inline std::int64_t gemm_workspace(const Gemm& g) {
  if (empty(g)) return 0;
  const std::int64_t parts = is_thin(g) ? thin_cut(g, true).parts : plan_of(g, kMostShares).parts;
  return parts == 1 ? 0 : parts * g.batch * g.m * g.n * static_cast<std::int64_t>(sizeof(float));
}

// With a workspace of as many bytes as gemm_workspace tells, or without, which may be slower.
inline void gemm(const Gemm& g, std::byte* workspace, const Team& team) {
  if (empty(g)) return;
  float* shares = reinterpret_cast<float*>(workspace);
  std::int64_t bytes = shares == nullptr ? 0 : kMostShares;
  if (is_thin(g)) {
    const ThinCut cut = thin_cut(g, shares != nullptr);
    if (cut.parts == 1 && thin_gemm(g, cut, team)) return;
    if (shares != nullptr && thin_gemm(into_shares(g, shares), cut, team))
      return join_parts(g, shares, cut.parts, team);
    bytes = 0;  // the workspace is of another size
  }
  gemm_as(plan_of(g, bytes), g, shares, team);
}
inline void gemm(const Gemm& g, const Team& team) { gemm(g, nullptr, team); }

}  // namespace
}  // namespace nautile::NTL_TARGET
