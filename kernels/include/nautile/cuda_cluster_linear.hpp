// The small products of a linear layer, by the blocks of one cluster: the whole of a layer's pass between two barriers.
//
// A warp computes a tile of 16 x 16 results, of which a lane has 4 x 2 in registers; slices of the operands, 32 terms deep, go
// through a ring in shared memory that is the warp's own, so that no block waits but for the sums. Where tiles are few, several
// warps of a block share a tile, each with a part of the terms, and add their sums up in the order of the parts. The warps of a
// block are dealt out to the products in turns; gradients by x, weight and bias are computed side by side.
//
// Shared memory: 144 KiB. Tiles and parts, and so the order of a sum, depend on the product's shape alone.
#pragma once

#include "nautile/cuda_group.hpp"
#include "nautile/linear.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kClusterBlocks = 16;
constexpr int kSide = 16;       // of a tile
constexpr int kRingDepth = 32;  // terms of a slice
constexpr int kRingSlices = 4;
constexpr int kSliceFloats = kSide * (kRingDepth + kFour);  // along the terms: rows lie four banks apart
constexpr int kWarpFloats = kRingSlices * 2 * kSliceFloats;
constexpr std::size_t kClusterBytes = std::size_t{kWarps} * kWarpFloats * sizeof(float);
constexpr int kLaneRows = 4;
constexpr int kLaneCols = 2;
constexpr int kLaneSums = kLaneRows * kLaneCols;
constexpr int kTileSums = kSide * kSide;

// How a product [rows, cols] of so many terms is cut.
struct ClusterCut {
  int across;  // tiles
  int tiles;
  int parts;  // of the terms, each a warp's
  int terms;  // of a part
};
NTL_HOST_DEVICE constexpr ClusterCut cluster_cut(int rows, int cols, int terms) {
  constexpr int kFewest = 16;  // terms of a part
  constexpr int kRun = 8;      // 32 bytes, which memory moves at once
  const int across = (cols + kSide - 1) / kSide;
  const int tiles = (rows + kSide - 1) / kSide * across;
  int parts = kWarps;
  while (parts > 1 && (tiles * parts > kClusterBlocks * kWarps || terms < kFewest * parts)) parts /= 2;
  const int part = (terms + parts - 1) / parts;
  return {across, tiles, parts, (part + kRun - 1) / kRun * kRun};
}

// Whether a product takes the cluster less time than a grid of blocks would: two microseconds, at most.
constexpr bool fits_cluster(std::int64_t rows, std::int64_t cols, std::int64_t terms) {
  constexpr std::int64_t kMostSize = 1 << 20;
  constexpr std::int64_t kMostProducts = 4 << 20;
  constexpr int kMostTerms = 384;  // in one sum, which bounds the rounding errors as in cuda_gemm.hpp
  const auto inside = [](std::int64_t size) { return size >= 1 && size <= kMostSize; };
  if (!inside(rows) || !inside(cols) || !inside(terms)) return false;
  const std::int64_t depth = ceil_div(terms, kRingDepth) * kRingDepth;
  if (ceil_div(rows, kSide) * kSide * ceil_div(cols, kSide) * kSide > kMostProducts / depth) return false;
  return cluster_cut(static_cast<int>(rows), static_cast<int>(cols), static_cast<int>(terms)).terms <= kMostTerms;
}
constexpr bool fits_cluster(const LinearForward& a) {
  return a.precision == MatmulPrecision::highest && fits_cluster(a.m, a.n, a.k);
}
// All gradients or none, whichever are wanted: each has the same bits alone.
constexpr bool fits_cluster(const LinearBackward& a) {
  constexpr std::int64_t kMostRows = 512;  // of a column that is a sum for dbias
  return a.precision == MatmulPrecision::highest && a.m <= kMostRows && fits_cluster(a.m, a.k, a.n) &&
         fits_cluster(a.n, a.k, a.m);
}

// The warps of each block that have a share in some work: of those counted through all turns, the `first` and so on.
struct WarpShare {
  int tiles;
  int parts;
  int first;
  int end;

  __device__ WarpShare(int all, int of_tile, int after)
      : tiles(all),
        parts(of_tile),
        first((after + of_tile - 1) / of_tile * of_tile),
        end(first + (all + kClusterBlocks - 1) / kClusterBlocks * of_tile) {}

  __device__ int part(int place) const { return (place - first) % parts; }
  // The tile of the warp in that place; -1: none.
  __device__ int tile(int place) const {
    const int t = (place - first) / parts * kClusterBlocks + static_cast<int>(blockIdx.x);
    return place >= first && place < end && t < tiles ? t : -1;
  }
};

// An operand: element (i, p), i < count and p along the terms, lies at i * across + p * along.
struct ClusterOperand {
  const float* data;
  int count;
  int across;
  int along;
  bool fours;  // neighbours are moved four at a time

  __device__ ClusterOperand(const float* from, int rows, int row, int step, int terms)
      : data(from),
        count(rows),
        across(row),
        along(step),
        fours((step == 1 ? row % kFour == 0 && terms % kFour == 0 : step % kFour == 0 && rows % kFour == 0) &&
              reinterpret_cast<std::uintptr_t>(from) % sizeof(Run) == 0) {}
};

// y = a b^T and what follows: plus the bias of a column, not below 0 if `relu`, or, with a mask, scaled where the mask is
// positive and 0 elsewhere.
struct ClusterProduct {
  ClusterOperand a;
  ClusterOperand b;
  int terms;
  ClusterCut cut;
  float* y;
  bool accumulate = false;
  const float* bias = nullptr;
  bool relu = false;
  const float* mask = nullptr;
  float mask_scale = 1.0F;
};

// Where element (i, p) of a slice lies.
template <bool kAlong>
__device__ constexpr int slice_place(int i, int p) {
  return kAlong ? i * (kRingDepth + kFour) + p : p * kSide + i;
}

// A lane's rows (kCount 4, of 4 lanes) or columns (2, of 8) of a tile: far apart or neighbours, as shared memory likes it.
template <bool kAlong, int kCount>
__device__ constexpr int lane_place(int lane, int i) {
  constexpr int kLanes = kSide / kCount;
  return kAlong ? lane + i * kLanes : lane * kCount + i;
}
// Lanes l and l ^ 1 share their rows, l and l ^ 2 their columns, so that shared memory serves twice as many at a time.
__device__ inline int lane_row(int lane) { return (lane >> 3 & 2) + (lane >> 1 & 1); }
__device__ inline int lane_col(int lane) { return (lane >> 1 & 6) + (lane & 1); }

// The elements (first + i, begin + p) for i < 16 and p < terms, zeros beyond the operand and, to a whole four, the terms.
template <bool kAlong>
__device__ void copy_to_slice(const ClusterOperand& x, int first, int begin, int terms, float* to) {
  constexpr int kRuns = kSide * kRingDepth / kFour;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  NTL_UNROLL
  for (int turn = 0; turn < kRuns / kWarp; ++turn) {
    const int run = turn * kWarp + lane;
    const int i = kAlong ? run / (kRingDepth / kFour) : run % (kSide / kFour) * kFour;
    const int p = kAlong ? run % (kRingDepth / kFour) * kFour : run / (kSide / kFour);
    if (p >= (terms + kFour - 1) / kFour * kFour) continue;
    const float* from = x.data + (first + i) * x.across + (begin + p) * x.along;
    float* const place = to + slice_place<kAlong>(i, p);
    const int left = kAlong ? terms - p : x.count - first - i;  // of the run
    const bool inside = kAlong ? first + i < x.count : p < terms;
    if (x.fours) {
      cuda::cp_async_16(place, from, inside && left > 0);
    } else {
      const int step = kAlong ? x.along : x.across;
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) cuda::cp_async_4(place + e, from + e * step, inside && e < left);
    }
  }
}

// Adds the products of a slice's terms.
template <bool kAlongA, bool kAlongB>
__device__ void multiply_slice(const float* a, const float* b, int terms, float (&sum)[kLaneSums]) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int row = lane_row(lane);
  const int col = lane_col(lane);
  NTL_UNROLL_BY(2)
  for (int p = 0; p < terms; p += kFour) {
    float of_a[kLaneRows][kFour];
    float of_b[kLaneCols][kFour];
    NTL_UNROLL
    for (int i = 0; i < kFour; ++i) {  // four rows, or four terms
      const Run run = load<kFour>(a + (kAlongA ? slice_place<true>(lane_place<true, kLaneRows>(row, i), p)
                                               : slice_place<false>(lane_place<false, kLaneRows>(row, 0), p + i)));
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) (kAlongA ? of_a[i][e] : of_a[e][i]) = run.v[e];
    }
    if constexpr (kAlongB) {
      NTL_UNROLL
      for (int j = 0; j < kLaneCols; ++j) {
        const Run run = load<kFour>(b + slice_place<true>(lane_place<true, kLaneCols>(col, j), p));
        NTL_UNROLL
        for (int e = 0; e < kFour; ++e) of_b[j][e] = run.v[e];
      }
    } else {
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) {
        const auto pair = load<kLaneCols>(b + slice_place<false>(lane_place<false, kLaneCols>(col, 0), p + e));
        NTL_UNROLL
        for (int j = 0; j < kLaneCols; ++j) of_b[j][e] = pair.v[j];
      }
    }
    NTL_UNROLL
    for (int e = 0; e < kFour; ++e) {
      NTL_UNROLL
      for (int i = 0; i < kLaneRows; ++i) {
        NTL_UNROLL
        for (int j = 0; j < kLaneCols; ++j) {
          sum[i * kLaneCols + j] = fmaf(of_a[i][e], of_b[j][e], sum[i * kLaneCols + j]);
        }
      }
    }
  }
}

// f(e, row, col) for each result that is this warp's to finish: the e-th of the lane is element `at` of the tile.
template <typename F>
__device__ void for_results(const ClusterProduct& g, const WarpShare& share, int place, F&& f) {
  const int tile = share.tile(place);
  if (tile < 0) return;
  const int own = kTileSums / share.parts;
  const int top = tile / g.cut.across * kSide;
  const int left = tile % g.cut.across * kSide;
  NTL_UNROLL
  for (int e = 0; e < kLaneSums; ++e) {
    const int i = e * kWarp + static_cast<int>(threadIdx.x) % kWarp;
    const int at = share.part(place) * own + i;
    const int row = top + at / kSide;
    const int col = left + at % kSide;
    if (i < own && row < g.a.count && col < g.b.count) f(e, at, row, col);
  }
}

// Leaves the sums of the warp's part of a tile in its shared memory, if the warp in that place has one; `extra` gets what the
// warp needs to finish its results, on its way while it adds up.
template <bool kAlongA, bool kAlongB>
__device__ void sum_part(const ClusterProduct& g, const WarpShare& share, int place, float* mine,
                         float (&extra)[kLaneSums]) {
  const int tile = share.tile(place);
  if (tile < 0) return;
  const int top = tile / g.cut.across * kSide;
  const int left = tile % g.cut.across * kSide;
  const int begin = share.part(place) * g.cut.terms;
  const int terms = g.terms - begin < g.cut.terms ? g.terms - begin : g.cut.terms;
  const auto copy = [&](int slice) {
    const int done = slice * kRingDepth;
    if (done < terms) {
      const int depth = terms - done < kRingDepth ? terms - done : kRingDepth;
      float* const to = mine + slice % kRingSlices * 2 * kSliceFloats;
      copy_to_slice<kAlongA>(g.a, top, begin + done, depth, to);
      copy_to_slice<kAlongB>(g.b, left, begin + done, depth, to + kSliceFloats);
    }
    cuda::cp_async_commit();
  };

  float sum[kLaneSums] = {};
  NTL_UNROLL_BY(1)
  for (int slice = 0; slice < kRingSlices; ++slice) copy(slice);
  if (g.bias != nullptr || g.mask != nullptr) {
    for_results(g, share, place, [&](int e, int, int row, int col) {
      extra[e] = g.mask != nullptr ? g.mask[row * g.b.count + col] : g.bias[col];
    });
  }
  NTL_UNROLL_BY(1)
  for (int slice = 0; slice * kRingDepth < terms; ++slice) {
    cuda::cp_async_wait<kRingSlices - 1>();
    __syncwarp();
    const int depth = terms - slice * kRingDepth < kRingDepth ? terms - slice * kRingDepth : kRingDepth;
    const float* const from = mine + slice % kRingSlices * 2 * kSliceFloats;
    multiply_slice<kAlongA, kAlongB>(from, from + kSliceFloats, depth, sum);
    __syncwarp();  // the slice has been read
    copy(slice + kRingSlices);
  }
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  NTL_UNROLL
  for (int i = 0; i < kLaneRows; ++i) {
    NTL_UNROLL
    for (int j = 0; j < kLaneCols; ++j) {
      const int row = lane_place<kAlongA, kLaneRows>(lane_row(lane), i);
      const int col = lane_place<kAlongB, kLaneCols>(lane_col(lane), j);
      mine[row * kSide + col] = sum[i * kLaneCols + j];
    }
  }
}

// Adds up what the warps of a tile have left, each a share of the results. `mine` is this warp's shared memory.
__device__ inline void finish_part(const ClusterProduct& g, const WarpShare& share, int place, const float* mine,
                                   const float (&extra)[kLaneSums]) {
  for_results(g, share, place, [&](int e, int at, int row, int col) {
    const float* from = mine - share.part(place) * kWarpFloats + at;
    float v = *from;
    for (int part = 1; part < share.parts; ++part) v += from[part * kWarpFloats];
    if (g.bias != nullptr) v += extra[e];
    if (g.relu && v <= 0.0F) v = 0.0F;  // NaN stays
    if (g.mask != nullptr) v = extra[e] > 0.0F ? v * g.mask_scale : 0.0F;
    float* const y = g.y + row * g.b.count + col;
    *y = g.accumulate ? v + *y : v;
  });
}

constexpr int kBiasCols = 4;  // of a warp

// dbias of four columns; eight lanes of a column go down it in turns, in double.
__device__ inline void sum_columns(const LinearBackward& a, const WarpShare& share, int place) {
  const int tile = share.tile(place);
  if (tile < 0) return;
  constexpr int kDown = kWarp / kBiasCols;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int rows = static_cast<int>(a.m);
  const int cols = static_cast<int>(a.n);
  const int c = tile * kBiasCols + lane % kBiasCols;
  double sum = 0.0;
  NTL_UNROLL_BY(8)
  for (int i = lane / kBiasCols; i < rows; i += kDown) {
    if (c < cols) sum += static_cast<double>(a.dy[i * cols + c]);
  }
  NTL_UNROLL
  for (int distance = kWarp / 2; distance >= kBiasCols; distance /= 2) sum += from_lane(sum, distance);
  if (lane >= kBiasCols || c >= cols) return;
  a.dbias[c] = static_cast<float>(a.accumulate_dbias ? static_cast<double>(a.dbias[c]) + sum : sum);
}

// f(place, mine) in as many turns as the work of all warps takes, and g(place, mine) once all have done theirs.
template <typename F, typename G>
__device__ void in_turns(int places, float* shared, F&& f, G&& g) {
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  float* const mine = shared + warp * kWarpFloats;
  for (int turn = 0; turn < places; turn += kWarps) {
    float extra[kLaneSums] = {};
    f(turn + warp, mine, extra);
    __syncthreads();
    g(turn + warp, mine, extra);
    __syncthreads();  // shared memory is written again
  }
}

// y = x weight^T + bias
__device__ inline void linear_forward_in_cluster(const LinearForward& a, float* shared) {
  const int m = static_cast<int>(a.m);
  const int n = static_cast<int>(a.n);
  const int k = static_cast<int>(a.k);
  const ClusterProduct y{.a = {a.x, m, k, 1, k},
                         .b = {a.weight, n, k, 1, k},
                         .terms = k,
                         .cut = cluster_cut(m, n, k),
                         .y = a.y,
                         .bias = a.bias,
                         .relu = a.function == Activation::relu};
  const WarpShare share(y.cut.tiles, y.cut.parts, 0);
  in_turns(
      share.end, shared,
      [&](int place, float* mine, float(&extra)[kLaneSums]) { sum_part<true, true>(y, share, place, mine, extra); },
      [&](int place, const float* mine, const float(&extra)[kLaneSums]) { finish_part(y, share, place, mine, extra); });
}

// dx = dy weight and dweight = dy^T x, and dbias
__device__ inline void linear_backward_in_cluster(const LinearBackward& a, float* shared) {
  const int m = static_cast<int>(a.m);
  const int n = static_cast<int>(a.n);
  const int k = static_cast<int>(a.k);
  const ClusterProduct dx{.a = {a.dy, m, n, 1, n},
                          .b = {a.weight, k, 1, k, n},
                          .terms = n,
                          .cut = cluster_cut(m, k, n),
                          .y = a.dx,
                          .accumulate = a.accumulate_dx,
                          .mask = a.mask,
                          .mask_scale = a.mask_scale};
  const ClusterProduct dweight{.a = {a.dy, n, 1, n, m},
                               .b = {a.x, k, 1, k, m},
                               .terms = m,
                               .cut = cluster_cut(n, k, m),
                               .y = a.dweight,
                               .accumulate = a.accumulate_dweight};
  const WarpShare of_bias(a.dbias == nullptr ? 0 : (n + kBiasCols - 1) / kBiasCols, 1, 0);
  const WarpShare of_x(a.dx == nullptr ? 0 : dx.cut.tiles, dx.cut.parts, of_bias.end);
  const WarpShare of_weight(a.dweight == nullptr ? 0 : dweight.cut.tiles, dweight.cut.parts, of_x.end);
  in_turns(
      of_weight.end, shared,
      [&](int place, float* mine, float(&extra)[kLaneSums]) {
        sum_columns(a, of_bias, place);
        sum_part<true, false>(dx, of_x, place, mine, extra);
        sum_part<false, false>(dweight, of_weight, place, mine, extra);
      },
      [&](int place, const float* mine, const float(&extra)[kLaneSums]) {
        finish_part(dx, of_x, place, mine, extra);
        finish_part(dweight, of_weight, place, mine, extra);
      });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
