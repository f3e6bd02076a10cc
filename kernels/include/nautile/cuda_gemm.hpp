// The matrix product y = a b for any strides of a and b, in float32.
//
// y is cut into tiles; a block computes one, 256 threads as 16 x 16 with kRows x kCols elements each in registers. Slices of
// a and b, kDepth deep, go through a ring in shared memory; while one is multiplied the next ones are copied (cp.async).
// After 384 terms the sums are added to y, which bounds the rounding errors as it does on the CPU and saves the registers of
// a second set of sums. Where tiles are few and k is long, k is cut into parts, each with a block for every tile; their sums
// go to the workspace and are added first to last by a second launch. Products of few rows or columns: cuda_thin_gemm.hpp.
//
// Tile, parts and so the order of a sum depend on the shape alone, and on whether there is a workspace.
#pragma once

#include "nautile/cuda_grid.hpp"
#include "nautile/cuda_thin_gemm.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kDepth = 16;
constexpr int kPartSlices = 24;  // 384 terms
constexpr int kSide = 16;        // threads along either side of a tile
constexpr int kPad = 4;          // keeps the rows of a slice aligned and moves them to other banks
constexpr int kStages = 4;       // slices in the ring

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
template <int kWidth, Order kOrder, bool kWhole>
__device__ void copy_turns(const Operand& x, const float* from, int i, int p, int width, int depth,
                           float (*to)[kWidth + kPad]) {
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
template <int kWidth>
__device__ Begin begin_of(Order order) {
  const int thread = static_cast<int>(threadIdx.x);
  if (order == Order::along) return {thread / kDepth, thread % kDepth};
  constexpr int kFours = kWidth / kFour;
  if (order == Order::fours) return {thread % kFours * kFour, thread / kFours};
  return {thread % kWidth, thread / kWidth};
}

// The elements (i, p) for i < kWidth and p < kDepth, zeros beyond width and depth, into to[p][i]; `from` is where the
// thread's copies begin.
template <int kWidth>
__device__ void copy_slice(const Operand& x, const float* from, Begin begin, int width, int depth,
                           float (*to)[kWidth + kPad]) {
  const bool whole = width == kWidth && depth == kDepth;
  if (x.order == Order::fours) {
    if (whole) {
      copy_turns<kWidth, Order::fours, true>(x, from, begin.i, begin.p, width, depth, to);
    } else {
      copy_turns<kWidth, Order::fours, false>(x, from, begin.i, begin.p, width, depth, to);
    }
  } else if (x.order == Order::along) {
    if (whole) {
      copy_turns<kWidth, Order::along, true>(x, from, begin.i, begin.p, width, depth, to);
    } else {
      copy_turns<kWidth, Order::along, false>(x, from, begin.i, begin.p, width, depth, to);
    }
  } else {
    copy_turns<kWidth, Order::across, false>(x, from, begin.i, begin.p, width, depth, to);
  }
}
__device__ inline int least(int a, std::int64_t b) { return b < a ? static_cast<int>(b) : a; }

// The places of a thread among the 16 x 16 of a tile: a warp has 4 rows and 8 columns, of which lane ^ 1 shares the row and
// lane ^ 2 the column, so that shared memory serves twice as many lanes at a time.
__device__ inline int row_of(int thread) { return thread / 64 * 4 + (thread >> 3 & 2) + (thread >> 1 & 1); }
__device__ inline int col_of(int thread) { return (thread >> 2 & 8) + (thread >> 1 & 6) + (thread & 1); }

// Element `i` of a thread's kTile along one side: runs of up to four, kSide runs apart, so that the threads of a warp read
// a slice without meeting in a bank.
template <int kTile>
__device__ constexpr int place(int thread, int i) {
  constexpr int kRun = kTile < kFour ? kTile : kFour;
  return i / kRun * kRun * kSide + thread * kRun + i % kRun;
}

// How many elements lie side by side in such a run.
template <int kTile>
constexpr int kRun = kTile < kFour ? kTile : kFour;

template <int kTile>
using Slice = float[kDepth][kSide * kTile + kPad];

template <int kRows, int kCols>
__device__ void multiply(const Slice<kRows>& a, const Slice<kCols>& b, int row, int col, float (&sum)[kRows][kCols]) {
  constexpr int kDown = kRun<kRows>;
  constexpr int kAcross = kRun<kCols>;
  NTL_UNROLL
  for (int p = 0; p < kDepth; ++p) {
    Pack<kDown> a_run[kRows / kDown];
    Pack<kAcross> b_run[kCols / kAcross];
    NTL_UNROLL
    for (int i = 0; i < kRows / kDown; ++i) a_run[i] = load<kDown>(&a[p][place<kRows>(row, i * kDown)]);
    NTL_UNROLL
    for (int j = 0; j < kCols / kAcross; ++j) b_run[j] = load<kAcross>(&b[p][place<kCols>(col, j * kAcross)]);
    NTL_UNROLL
    for (int i = 0; i < kRows; ++i) {
      NTL_UNROLL
      for (int j = 0; j < kCols; ++j) {
        sum[i][j] = fmaf(a_run[i / kDown].v[i % kDown], b_run[j / kAcross].v[j % kAcross], sum[i][j]);
      }
    }
  }
}

// A tile of y.
struct Target {
  float* y;
  std::int64_t y_row;
  int height;
  int width;
  bool fours;  // its runs are moved at once
};

// Adds the bias of its column to each sum.
template <int kRows, int kCols>
__device__ void add_bias(const float* bias, int width, int col, float (&sum)[kRows][kCols]) {
  NTL_UNROLL
  for (int j = 0; j < kCols; ++j) {
    const int c = place<kCols>(col, j);
    const float v = c < width ? bias[c] : 0.0F;
    NTL_UNROLL
    for (int i = 0; i < kRows; ++i) sum[i][j] += v;
  }
}

// Moves the sums to y, or adds them to what is there.
template <int kRows, int kCols>
__device__ void put_sums(const Target& to, int row, int col, bool add, float (&sum)[kRows][kCols]) {
  constexpr int kLength = kRun<kCols>;
  NTL_UNROLL
  for (int i = 0; i < kRows; ++i) {
    const int r = place<kRows>(row, i);
    NTL_UNROLL
    for (int j = 0; j < kCols; j += kLength) {
      const int c = place<kCols>(col, j);
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

template <int kRows, int kCols>
struct Stage {
  Slice<kRows> a;
  Slice<kCols> b;
};

// Blocks that a processor is to hold at once: as many as leave a thread the registers for its sums.
constexpr int resident(int results) { return results > 16 ? 2 : 4; }

// grid: the tiles of all parts of all matrices; with more parts than one, y has a matrix for each of them. Shared memory:
// kStages Stages, 66 KiB for 8 x 8 elements a thread, 50 for 8 x 4, 34 for 4 x 4, 18 for 2 x 2.
template <int kRows, int kCols>
__global__ void __launch_bounds__(kThreads, resident(kRows* kCols))
    gemm_by_tile(Gemm g, Operand a, Operand b, Cut cut) {
  constexpr int kHeight = kSide * kRows;
  constexpr int kWidth = kSide * kCols;
  using Ring = Stage<kRows, kCols>;
  NTL_DYNAMIC_SHARED(Ring, ring);
  const int row = row_of(static_cast<int>(threadIdx.x));
  const int col = col_of(static_cast<int>(threadIdx.x));
  const std::int64_t tiles = cut.down * cut.across;
  const std::int64_t all = g.k == 0 ? 1 : ceil_div(g.k, kDepth);  // an empty sum: one of zeros
  for (std::int64_t s = blockIdx.x; s < g.batch * cut.parts * tiles; s += gridDim.x) {
    const std::int64_t result = quotient(s, tiles);
    const std::int64_t matrix = quotient(result, cut.parts);
    const std::int64_t start = (result - matrix * cut.parts) * cut.slices;
    const std::int64_t line = quotient(s - result * tiles, cut.across);
    const std::int64_t top = line * kHeight;
    const std::int64_t left = (s - result * tiles - line * cut.across) * kWidth;
    const Target tile{g.y + result * g.y_batch + top * g.y_row + left, g.y_row, least(kHeight, g.m - top),
                      least(kWidth, g.n - left), cut.fours};
    const int slices = least(INT32_MAX, cut.slices < all - start ? cut.slices : all - start);
    const Begin a_begin = begin_of<kHeight>(a.order);
    const Begin b_begin = begin_of<kWidth>(b.order);
    const float* a_next = a.data + a_begin.of(a) + matrix * a.batch + top * a.across + start * kDepth * a.along;
    const float* b_next = b.data + b_begin.of(b) + matrix * b.batch + left * b.across + start * kDepth * b.along;
    const int tail = least(kDepth, g.k - (start + slices - 1) * kDepth);
    const auto copy = [&](int slice) {
      if (slice < slices) {
        const int depth = slice + 1 == slices ? tail : kDepth;
        copy_slice<kHeight>(a, a_next, a_begin, tile.height, depth, ring[slice % kStages].a);
        copy_slice<kWidth>(b, b_next, b_begin, tile.width, depth, ring[slice % kStages].b);
        a_next += kDepth * a.along;
        b_next += kDepth * b.along;
      }
      cuda::cp_async_commit();
    };

    float sum[kRows][kCols] = {};
    NTL_UNROLL_BY(1)
    for (int slice = 0; slice < kStages - 1; ++slice) copy(slice);
    NTL_UNROLL_BY(1)
    for (int slice = 0; slice < slices; ++slice) {
      cuda::cp_async_wait<kStages - 2>();
      __syncthreads();  // the slice is there, and the one before is no longer read
      copy(slice + kStages - 1);
      multiply<kRows, kCols>(ring[slice % kStages].a, ring[slice % kStages].b, row, col, sum);
      const bool last = slice + 1 == slices;
      if (last || (slice + 1) % kPartSlices == 0) {
        const int at_row = cuda::renewed(row);
        const int at_col = cuda::renewed(col);
        if (last && g.bias != nullptr) add_bias<kRows, kCols>(g.bias + left, tile.width, at_col, sum);
        put_sums<kRows, kCols>(tile, at_row, at_col, g.accumulate || slice >= kPartSlices, sum);
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

// Tiles by the elements of a thread, and what a block needs for a slice, in nanoseconds on an H200: alone on a processor,
// and beside the others that fit there. Fitted, like the constants below, to times of products between 256^3 and 4096^3,
// from which the estimate is 6 % away on average. Larger tiles (16 x 8) are slower for all of them.
struct Tile {
  int rows;
  int cols;
  std::int64_t alone;
  std::int64_t beside;
};
constexpr Tile kTiles[] = {{8, 8, 1810, 1620}, {8, 4, 1120, 960}, {4, 4, 760, 565}, {2, 2, 455, 285}};
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
  std::int64_t slices;  // of a part
  std::int64_t time;    // ns
};

// The tile and parts that should take the least time; bytes of workspace limit the parts.
inline Plan plan_of(const Gemm& g, std::int64_t bytes) {
  const std::int64_t all = g.k == 0 ? 1 : ceil_div(g.k, kDepth);
  const std::int64_t size = g.batch * g.m * g.n * static_cast<std::int64_t>(sizeof(float));
  Plan best{0, 1, all, INT64_MAX};
  for (int tile = 0; tile < static_cast<int>(sizeof(kTiles) / sizeof(Tile)); ++tile) {
    const Tile& t = kTiles[tile];
    const std::int64_t tiles = g.batch * ceil_div(g.m, kSide * t.rows) * ceil_div(g.n, kSide * t.cols);
    for (const std::int64_t wanted : kPartsTried) {
      if (wanted > 1 && (all < wanted * kFewestSlices || tiles * wanted > kMostBlocks)) break;
      const std::int64_t slices = ceil_div(all, wanted);
      const std::int64_t parts = ceil_div(all, slices);
      if (parts > 1 && parts * size > bytes) break;
      const std::int64_t turns = ceil_div(tiles * parts, kProcessors);
      const std::int64_t join = parts == 1 ? 0 : kJoinTime + (parts + 1) * size / kJoinBytes;
      const std::int64_t time = kStartTime + (slices + 1) * (turns == 1 ? t.alone : turns * t.beside) + join;
      if (time < best.time) best = {tile, parts, slices, time};
    }
  }
  return best;
}

// y, or what is there and, plus the bias of each column, plus the sums of the parts from first to last.
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
template <int kRows, int kCols>
bool gemm_in_tiles(const Gemm& g, std::int64_t parts, std::int64_t slices, const Team& team) {
  constexpr std::int64_t kHeight = std::int64_t{kSide} * kRows;
  constexpr std::int64_t kWidth = std::int64_t{kSide} * kCols;
  constexpr std::size_t kBytes = kStages * sizeof(Stage<kRows, kCols>);
  if (!allow_shared(&gemm_by_tile<kRows, kCols>, kBytes)) return false;
  const Cut cut{ceil_div(g.m, kHeight), ceil_div(g.n, kWidth), parts, slices, y_in_fours(g)};
  NTL_LAUNCH((gemm_by_tile<kRows, kCols>), blocks_for(g.batch * parts * cut.down * cut.across, 1), dim3(kThreads),
             kBytes, stream_of(team), g, operand(g.a, g.a_batch, g.a_row, g.a_col, g.m),
             operand(g.b, g.b_batch, g.b_col, g.b_row, g.n), cut);
  return true;
}

inline void gemm_as(const Plan& plan, const Gemm& g, float* shares, const Team& team) {
  const Gemm product = plan.parts == 1 ? g : into_shares(g, shares);
  const bool done = plan.tile == 0   ? gemm_in_tiles<8, 8>(product, plan.parts, plan.slices, team)
                    : plan.tile == 1 ? gemm_in_tiles<8, 4>(product, plan.parts, plan.slices, team)
                    : plan.tile == 2 ? gemm_in_tiles<4, 4>(product, plan.parts, plan.slices, team)
                                     : gemm_in_tiles<2, 2>(product, plan.parts, plan.slices, team);
  if (!done) gemm_in_tiles<4, 4>(product, plan.parts, plan.slices, team);
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
