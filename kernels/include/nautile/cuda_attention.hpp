// Attention of heads of at most 64 columns: 128 rows to a block, 32 to a warp, and tiles of 32 rows that go by.
//
//   block  128 threads; a warp multiplies its 32 rows by a tile (32 x 32 scores, 8 x 4 a thread) and the weights by a tile
//          (32 x 64 sums, 8 x 8 a thread), so that 16 bytes read from shared memory serve 10 to 16 multiply-adds
//   grid   a block for each 128 rows of a head and each split of the rows that go by
//   shared the block's own rows, the tiles, and each warp's weights: 69 KiB forward, 112 KiB backward
//
// Own rows are queries (forward, dq) or keys (dk and dv), the others go by. Where the blocks are few, the rows that go by
// are split between some of them, and another kernel adds up their results in order: bits depend on the shape alone.
// Threads have rows and columns some way apart, so that the rows that a warp reads at once lie in different banks.
// Rows of a head are counted in 32 bits: registers are what limits the tiles.
#pragma once

#include <cmath>

#include "nautile/attention.hpp"
#include "nautile/cuda_group.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kHeadCols = 64;
constexpr int kOwnRows = 128;
constexpr int kTileRows = 32;
constexpr int kTileThreads = 128;
constexpr int kHeadPitch = kHeadCols + 4;    // of shared memory: moves the rows to other banks
constexpr int kWeightPitch = kTileRows + 4;  // likewise
constexpr int kThreadRows = 8;               // of a thread, 4 apart
constexpr int kScoreCols = 4;                // of a thread, 8 apart
constexpr int kSumCols = 8;                  // of a thread: two runs of four, 32 apart
constexpr float kLog2E = 1.44269504088896340736F;

constexpr int kOwnFloats = kOwnRows * kHeadPitch;
constexpr int kTileFloats = kTileRows * kHeadPitch;
constexpr int kWeightFloats = kTileRows * kWeightPitch;  // of a warp
constexpr std::size_t kForwardBytes = (kOwnFloats + 2 * kTileFloats + 4 * kWeightFloats) * sizeof(float);
constexpr std::size_t kBackwardBytes = (2 * kOwnFloats + 3 * kTileFloats + 4 * kWeightFloats) * sizeof(float);

using TileScores = float[kThreadRows][kScoreCols];
using TileSums = float[kThreadRows][kSumCols];

__device__ inline int tile_warp() { return static_cast<int>(threadIdx.x) / kWarp; }
// Lanes as 4 rows x 8 columns. Neighbours share a column: so a read of 16 bytes takes the fewest turns.
__device__ inline int row_lane() {
  return (static_cast<int>(threadIdx.x) & 1) | (static_cast<int>(threadIdx.x) >> 3 & 2);
}
__device__ inline int col_lane() { return static_cast<int>(threadIdx.x) >> 1 & 7; }
// The values of the lanes of a row.
template <typename Join>
__device__ float join_row(float v, Join join) {
  NTL_UNROLL
  for (int distance = 2; distance <= 8; distance *= 2) v = join(v, from_lane(v, distance));
  return v;
}

// Rows of one head.
struct HeadRows {
  const float* data;
  std::int64_t step;
  int rows;
  int cols;
  bool runs;  // whether four columns may be copied at once
};

// Starts to copy rows from `first` on to shared memory; what does not exist becomes zeros, its address is not read.
template <int kRows>
__device__ __forceinline__ void stage(float* to, const HeadRows& from, int first) {
  constexpr int kRuns = kHeadCols / kFour;
  constexpr int kStep = kTileThreads / kRuns;  // rows between those of a thread
  const int row = static_cast<int>(threadIdx.x) / kRuns;
  const int col = static_cast<int>(threadIdx.x) % kRuns * kFour;
  const int rows = from.rows - first;
  const float* source = from.data + std::int64_t{first + row} * from.step + col;
  float* target = to + row * kHeadPitch + col;
  if (from.runs) {
    NTL_UNROLL_BY(4)
    for (int i = 0; i < kRows; i += kStep) {
      cuda::cp_async_16(target + i * kHeadPitch, source, row + i < rows && col < from.cols);
      source += kStep * from.step;
    }
  } else {
    NTL_UNROLL_BY(1)
    for (int i = 0; i < kRows; i += kStep) {
      for (int c = 0; c < kFour; ++c) {
        cuda::cp_async_4(target + i * kHeadPitch + c, source + c, row + i < rows && col + c < from.cols);
      }
      source += kStep * from.step;
    }
  }
}

// The products of a warp's rows with a tile's, `runs` times four terms each. kAhead: how many own rows are read at once;
// more hide the latency of shared memory better, and take more registers.
template <int kAhead>
__device__ __forceinline__ void multiply_by_rows(const float* own, const float* tile, int runs, TileScores& scores) {
  own += row_lane() * kHeadPitch;
  tile += col_lane() * kHeadPitch;
  NTL_UNROLL
  for (int i = 0; i < kThreadRows; ++i) {
    NTL_UNROLL
    for (int j = 0; j < kScoreCols; ++j) scores[i][j] = 0.0F;
  }
  NTL_UNROLL_BY(1)
  for (int run = 0; run < runs; ++run) {
    Pack<kFour> right[kScoreCols];
    NTL_UNROLL
    for (int j = 0; j < kScoreCols; ++j) right[j] = load<kFour>(tile + j * 8 * kHeadPitch + run * kFour);
    NTL_UNROLL
    for (int first = 0; first < kThreadRows; first += kAhead) {
      Pack<kFour> left[kAhead];
      NTL_UNROLL
      for (int i = 0; i < kAhead; ++i) left[i] = load<kFour>(own + (first + i) * 4 * kHeadPitch + run * kFour);
      NTL_UNROLL
      for (int p = 0; p < kFour; ++p) {
        NTL_UNROLL
        for (int i = 0; i < kAhead; ++i) {
          NTL_UNROLL
          for (int j = 0; j < kScoreCols; ++j) {
            scores[first + i][j] = fmaf(left[i].v[p], right[j].v[p], scores[first + i][j]);
          }
        }
      }
    }
  }
}

// sums += a warp's weights times a tile.
__device__ __forceinline__ void multiply_by_tile(const float* weights, const float* tile, TileSums& sums) {
  weights += row_lane() * kWeightPitch;
  tile += col_lane() * kFour;
  NTL_UNROLL_BY(1)
  for (int k = 0; k < kTileRows; k += kFour) {
    Pack<kFour> right[kFour][2];
    NTL_UNROLL
    for (int p = 0; p < kFour; ++p) {
      right[p][0] = load<kFour>(tile + (k + p) * kHeadPitch);
      right[p][1] = load<kFour>(tile + (k + p) * kHeadPitch + kHeadCols / 2);
    }
    NTL_UNROLL
    for (int i = 0; i < kThreadRows; ++i) {
      const Pack<kFour> left = load<kFour>(weights + i * 4 * kWeightPitch + k);
      NTL_UNROLL
      for (int p = 0; p < kFour; ++p) {
        NTL_UNROLL
        for (int c = 0; c < kSumCols; ++c) {
          sums[i][c] = fmaf(left.v[p], right[p][c / kFour].v[c % kFour], sums[i][c]);
        }
      }
    }
  }
}

// Where a thread's score lies in its warp's tile of them.
__device__ inline int weight_place(int i, int j) { return (row_lane() + 4 * i) * kWeightPitch + col_lane() + 8 * j; }
__device__ __forceinline__ void put_weights(const TileScores& values, float* weights) {
  NTL_UNROLL
  for (int i = 0; i < kThreadRows; ++i) {
    NTL_UNROLL
    for (int j = 0; j < kScoreCols; ++j) weights[weight_place(i, j)] = values[i][j];
  }
}

// Rows of a result: `rows` and `cols` exist, from a warp's first row on.
struct SumRows {
  float* data;
  std::int64_t step;
  int rows;
  int cols;
  bool runs;
  bool accumulate;
};

// Writes a thread's sums, each row's times its factor.
__device__ __forceinline__ void put_sums(const SumRows& to, const TileSums& sums, const float* factors) {
  NTL_UNROLL
  for (int i = 0; i < kThreadRows; ++i) {
    NTL_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int row = row_lane() + 4 * i;
      const int col = col_lane() * kFour + half * (kHeadCols / 2);
      float* const place = to.data + row * to.step + col;
      Pack<kFour> run;
      NTL_UNROLL
      for (int c = 0; c < kFour; ++c) {
        run.v[c] = factors == nullptr ? sums[i][half * kFour + c] : sums[i][half * kFour + c] * factors[i];
      }
      if (row >= to.rows || col >= to.cols) continue;
      if (to.runs) {
        if (to.accumulate) {
          const Pack<kFour> before = load<kFour>(place);
          NTL_UNROLL
          for (int c = 0; c < kFour; ++c) run.v[c] = before.v[c] + run.v[c];
        }
        store<kFour>(place, run);
      } else {
        NTL_UNROLL
        for (int c = 0; c < kFour; ++c) {
          if (col + c < to.cols) place[c] = to.accumulate ? place[c] + run.v[c] : run.v[c];
        }
      }
    }
  }
}

// How the work is cut: blocks of own rows, and splits of the tiles that go by.
struct Tiling {
  int heads;   // of all batches
  int blocks;  // of a head
  int splits;
  int queries;
  int keys;
  bool q_runs;
  bool k_runs;
  bool v_runs;
  bool y_runs;  // dy's, backward
};

// The tiles [begin, end) of a split.
struct TileRange {
  int begin;
  int end;
};
__device__ inline TileRange tiles_of(int begin_row, int end_row, int split, int splits) {
  const int first = begin_row / kTileRows;
  const int tiles = end_row > begin_row ? (end_row + kTileRows - 1) / kTileRows - first : 0;
  return {first + tiles * split / splits, first + tiles * (split + 1) / splits};
}

// Of a warp's queries and the keys of a tile, or the other way round.
struct Square {
  const std::uint8_t* mask;  // of its keys, or null
  int query;                 // the first of 32
  int key;                   // likewise
  int queries;               // how many there are from the first one on
  int keys;                  // likewise
  bool causal;

  template <typename Args>
  __device__ Square(const Args& a, const Tiling& tiling, int batch, int first_query, int first_key)
      : mask(a.mask == nullptr ? nullptr : a.mask + std::int64_t{batch} * tiling.keys + first_key),
        query(first_query),
        key(first_key),
        queries(tiling.queries - first_query),
        keys(tiling.keys - first_key),
        causal(a.causal) {}

  // Whether no query sees any key, by causality.
  __device__ bool unseen() const { return causal && key >= query + kTileRows; }
  // Whether each query that exists sees all 32 keys.
  __device__ bool seen() const {
    return mask == nullptr && kTileRows <= keys && !(causal && key + kTileRows - 1 > query);
  }
  __device__ bool sees(int query_in, int key_in) const {
    return query_in < queries && key_in < keys && !(causal && key + key_in > query + query_in) &&
           (mask == nullptr || mask[key_in] != 0);
  }
};

// ------------------------------------------------------------------------------------------------ forward

// 2^(score - shift) of scores in units of e, the same forward and backward.
__device__ inline float weight_of(float score, float shift_2) {
  return cuda::exp2_flushed(fmaf(score, kLog2E, -shift_2));
}
__device__ inline float shift_2_of(float largest) { return largest == -INFINITY ? 0.0F : largest * kLog2E; }

// The norms of a row, from its largest score and the sum of its weights; the inverse of that sum.
__device__ inline float put_norms(float* norms, float largest, float total) {
  const bool none = total == 0.0F;
  norms[0] = none ? 0.0F : total != total ? total : largest;  // a NaN among the scores: fmaxf drops it
  norms[1] = none ? 0.0F : 1.0F / total;
  return norms[1];
}

// Without splits to y and norms. Otherwise sums and {largest, total} of each row to parts [splits,rows,64] and
// part_norms [splits,rows,2].
__global__ void __launch_bounds__(kTileThreads, 3)
    attention_forward_tiles(AttentionForward a, Tiling tiling, float* parts, float* part_norms) {
  NTL_DYNAMIC_SHARED(float, shared);
  float* const q_rows = shared;
  float* const k_tile = q_rows + kOwnFloats;
  float* const v_tile = k_tile + kTileFloats;
  float* const weights = v_tile + kTileFloats + tile_warp() * kWeightFloats;
  const float* const own = q_rows + tile_warp() * kTileRows * kHeadPitch;
  const int runs = static_cast<int>(ceil_div(a.depth, kFour));
  const int side_by_side = tiling.heads * tiling.splits;
  const int items = tiling.blocks * side_by_side;
  for (int item = static_cast<int>(blockIdx.x); item < items; item += static_cast<int>(gridDim.x)) {
    const int first = (tiling.blocks - 1 - item / side_by_side) * kOwnRows;  // the last see most
    const int head = item % side_by_side / tiling.splits;
    const int split = item % tiling.splits;
    const int b = head / static_cast<int>(a.heads);
    const int h = head % static_cast<int>(a.heads);
    const HeadRows q{a.q + a.q_strides.place(b, h, 0), a.q_strides.row, tiling.queries, static_cast<int>(a.depth),
                     tiling.q_runs};
    const HeadRows k{a.k + a.k_strides.place(b, h, 0), a.k_strides.row, tiling.keys, static_cast<int>(a.depth),
                     tiling.k_runs};
    const HeadRows v{a.v + a.v_strides.place(b, h, 0), a.v_strides.row, tiling.keys, static_cast<int>(a.width),
                     tiling.v_runs};
    const int end = a.causal && first + kOwnRows < tiling.keys ? first + kOwnRows : tiling.keys;
    const TileRange tiles = tiles_of(0, end, split, tiling.splits);
    const int query = first + tile_warp() * kTileRows;

    float largest[kThreadRows];
    float total[kThreadRows];
    TileSums sums;
    NTL_UNROLL
    for (int i = 0; i < kThreadRows; ++i) {
      largest[i] = -INFINITY;
      total[i] = 0.0F;
      NTL_UNROLL
      for (int c = 0; c < kSumCols; ++c) sums[i][c] = 0.0F;
    }
    stage<kOwnRows>(q_rows, q, first);
    stage<kTileRows>(k_tile, k, tiles.begin * kTileRows);
    cuda::cp_async_commit();
    for (int tile = tiles.begin; tile < tiles.end; ++tile) {
      const Square square(a, tiling, b, query, tile * kTileRows);
      const bool idle = query >= tiling.queries || square.unseen();
      cuda::cp_async_wait<0>();
      __syncthreads();  // this tile's keys are there, and the last one's values were used
      stage<kTileRows>(v_tile, v, square.key);
      cuda::cp_async_commit();
      if (!idle) {
        TileScores scores;
        multiply_by_rows<4>(own, k_tile, runs, scores);
        if (square.seen()) {
          NTL_UNROLL
          for (int i = 0; i < kThreadRows; ++i) {
            NTL_UNROLL
            for (int j = 0; j < kScoreCols; ++j) scores[i][j] *= a.scale;
          }
        } else {
          NTL_UNROLL
          for (int i = 0; i < kThreadRows; ++i) {
            NTL_UNROLL
            for (int j = 0; j < kScoreCols; ++j) {
              const bool sees = square.sees(row_lane() + 4 * i, col_lane() + 8 * j);
              scores[i][j] = sees ? scores[i][j] * a.scale : -INFINITY;
            }
          }
        }
        float shrink[kThreadRows];
        bool grown = false;
        NTL_UNROLL
        for (int i = 0; i < kThreadRows; ++i) {
          float most = largest[i];
          NTL_UNROLL
          for (int j = 0; j < kScoreCols; ++j) most = fmaxf(most, scores[i][j]);
          most = join_row(most, [](float x, float y) { return fmaxf(x, y); });
          const float shift_2 = shift_2_of(most);
          shrink[i] = weight_of(largest[i], shift_2);
          grown = grown || most > largest[i];
          largest[i] = most;
          total[i] *= shrink[i];
          NTL_UNROLL
          for (int j = 0; j < kScoreCols; ++j) {
            scores[i][j] = weight_of(scores[i][j], shift_2);
            total[i] += scores[i][j];
          }
        }
        put_weights(scores, weights);
        if (__any_sync(kAllLanes, grown)) {
          NTL_UNROLL
          for (int i = 0; i < kThreadRows; ++i) {
            NTL_UNROLL
            for (int c = 0; c < kSumCols; ++c) sums[i][c] *= shrink[i];
          }
        }
      }
      cuda::cp_async_wait<0>();
      __syncthreads();  // the values are there, and the keys were used
      if (tile + 1 < tiles.end) stage<kTileRows>(k_tile, k, square.key + kTileRows);
      cuda::cp_async_commit();
      if (!idle) multiply_by_tile(weights, v_tile, sums);
    }
    cuda::cp_async_wait<0>();
    __syncthreads();  // all of shared memory is written again

    NTL_UNROLL
    for (int i = 0; i < kThreadRows; ++i) total[i] = join_row(total[i], Add{});
    const std::int64_t row = std::int64_t{head} * tiling.queries + query;
    if (tiling.splits == 1) {
      float inverse[kThreadRows];
      NTL_UNROLL
      for (int i = 0; i < kThreadRows; ++i) {
        float norms[2];
        inverse[i] = put_norms(norms, largest[i], total[i]);
        if (col_lane() == 0 && query + row_lane() + 4 * i < tiling.queries) {
          a.norms[(row + row_lane() + 4 * i) * 2] = norms[0];
          a.norms[(row + row_lane() + 4 * i) * 2 + 1] = norms[1];
        }
      }
      put_sums({a.y + a.y_strides.place(b, h, query), a.y_strides.row, tiling.queries - query,
                static_cast<int>(a.width), tiling.y_runs, false},
               sums, inverse);
    } else {
      const std::int64_t place = std::int64_t{split} * tiling.heads * tiling.queries + row;
      NTL_UNROLL
      for (int i = 0; i < kThreadRows; ++i) {
        if (col_lane() == 0 && query + row_lane() + 4 * i < tiling.queries) {
          part_norms[(place + row_lane() + 4 * i) * 2] = largest[i];
          part_norms[(place + row_lane() + 4 * i) * 2 + 1] = total[i];
        }
      }
      put_sums({parts + place * kHeadCols, kHeadCols, tiling.queries - query, kHeadCols, true, false}, sums, nullptr);
    }
  }
}

// y and norms from the splits' parts, a warp a row.
__global__ void __launch_bounds__(kThreads)
    attention_forward_join(AttentionForward a, int splits, const float* parts, const float* part_norms) {
  const std::int64_t rows = a.batch * a.heads * a.queries;
  for_rows<kWarp>(rows, [&](std::int64_t r, int member) {
    float largest = -INFINITY;
    for (int s = 0; s < splits; ++s) largest = fmaxf(largest, part_norms[(s * rows + r) * 2]);
    const float shift_2 = shift_2_of(largest);
    float total = 0.0F;
    float sums[2] = {};
    for (int s = 0; s < splits; ++s) {
      const float factor = weight_of(part_norms[(s * rows + r) * 2], shift_2);
      total = fmaf(factor, part_norms[(s * rows + r) * 2 + 1], total);
      const float* part = parts + (s * rows + r) * kHeadCols;
      for (int c = 0; c < 2; ++c) {
        if (member + c * kWarp < a.width) sums[c] = fmaf(factor, part[member + c * kWarp], sums[c]);
      }
    }
    float norms[2];
    const float inverse = put_norms(norms, largest, total);
    if (member == 0) {
      a.norms[r * 2] = norms[0];
      a.norms[r * 2 + 1] = norms[1];
    }
    const std::int64_t head = r / a.queries;
    float* const y = a.y + a.y_strides.place(head / a.heads, head % a.heads, r % a.queries);
    for (int c = 0; c < 2; ++c) {
      if (member + c * kWarp < a.width) y[member + c * kWarp] = sums[c] * inverse;
    }
  });
}

// ------------------------------------------------------------------------------------------------ backward

// Where a gradient goes: with splits first to parts [splits,rows of all heads,64].
struct GradientRows {
  float* data;
  float* parts;
  HeadStrides strides;
  int rows;  // of a head
  int cols;
  bool accumulate;
  bool runs;
};

__device__ __forceinline__ void put_gradient(const AttentionBackward& a, const Tiling& tiling, const GradientRows& to,
                                             int head, int first, int split, const TileSums& sums) {
  SumRows rows{to.data, to.strides.row, to.rows - first, to.cols, to.runs, to.accumulate};
  if (tiling.splits == 1) {
    rows.data += to.strides.place(head / a.heads, head % a.heads, first);
  } else {
    rows = {to.parts + ((std::int64_t{split} * tiling.heads + head) * to.rows + first) * kHeadCols,
            kHeadCols,
            rows.rows,
            kHeadCols,
            true,
            false};
  }
  put_sums(rows, sums, nullptr);
}

// What the weights of a query need.
struct QueryNorms {
  float shift_2;
  float inverse;
};
__device__ __forceinline__ QueryNorms norms_of(const AttentionBackward& a, int queries, int head, int query) {
  if (query >= queries) return {0.0F, 0.0F};  // its weights are 0
  const float* const norms = a.norms + (std::int64_t{head} * queries + query) * 2;
  return {shift_2_of(norms[0]), norms[1]};
}

// One block's dq, or dk and dv. Of its own rows K and V (Q and dY) are kept, while Q and dY (K and V) go by.
template <bool kByKeys>
__device__ __forceinline__ void attention_backward_rows(const AttentionBackward& a, const Tiling& tiling,
                                                        const float* deltas, const GradientRows& dq,
                                                        const GradientRows& dk, const GradientRows& dv, float* shared,
                                                        int head, int first, int split) {
  float* const own_1 = shared;
  float* const own_2 = own_1 + kOwnFloats;
  float* const ring = own_2 + kOwnFloats;  // two tiles: the first matrix is used last
  float* const tile_2 = ring + 2 * kTileFloats;
  float* const weights = tile_2 + kTileFloats + tile_warp() * kWeightFloats;
  const int warp_floats = tile_warp() * kTileRows * kHeadPitch;
  const int depth_runs = static_cast<int>(ceil_div(a.depth, kFour));
  const int width_runs = static_cast<int>(ceil_div(a.width, kFour));
  const int b = head / static_cast<int>(a.heads);
  const int h = head % static_cast<int>(a.heads);
  const HeadRows q{a.q + a.q_strides.place(b, h, 0), a.q_strides.row, tiling.queries, static_cast<int>(a.depth),
                   tiling.q_runs};
  const HeadRows k{a.k + a.k_strides.place(b, h, 0), a.k_strides.row, tiling.keys, static_cast<int>(a.depth),
                   tiling.k_runs};
  const HeadRows v{a.v + a.v_strides.place(b, h, 0), a.v_strides.row, tiling.keys, static_cast<int>(a.width),
                   tiling.v_runs};
  const HeadRows dy{a.dy + a.y_strides.place(b, h, 0), a.y_strides.row, tiling.queries, static_cast<int>(a.width),
                    tiling.y_runs};
  const HeadRows& other_1 = kByKeys ? q : k;
  const HeadRows& other_2 = kByKeys ? dy : v;
  const bool with_scores = !kByKeys || a.dk != nullptr;
  const int own = first + tile_warp() * kTileRows;
  const int own_end = kByKeys ? tiling.keys : tiling.queries;
  const int end = kByKeys                                      ? tiling.queries
                  : a.causal && first + kOwnRows < tiling.keys ? first + kOwnRows
                                                               : tiling.keys;
  const TileRange tiles = tiles_of(kByKeys && a.causal ? first : 0, end, split, tiling.splits);

  TileSums by_scores;
  TileSums by_weights;
  NTL_UNROLL
  for (int i = 0; i < kThreadRows; ++i) {
    NTL_UNROLL
    for (int c = 0; c < kSumCols; ++c) {
      by_scores[i][c] = 0.0F;
      if constexpr (kByKeys) by_weights[i][c] = 0.0F;
    }
  }
  constexpr int kNorms = kByKeys ? kScoreCols : kThreadRows;
  stage<kOwnRows>(own_1, kByKeys ? k : q, first);
  stage<kOwnRows>(own_2, kByKeys ? v : dy, first);
  stage<kTileRows>(ring, other_1, tiles.begin * kTileRows);
  stage<kTileRows>(tile_2, other_2, tiles.begin * kTileRows);
  cuda::cp_async_commit();
  int turn = 0;
  for (int tile = tiles.begin; tile < tiles.end; ++tile) {
    const float* const tile_1 = ring + turn * kTileFloats;
    turn = 1 - turn;
    const int other = tile * kTileRows;
    const Square square(a, tiling, b, kByKeys ? other : own, kByKeys ? own : other);
    const bool idle = own >= own_end || square.unseen();
    cuda::cp_async_wait<0>();
    __syncthreads();  // the tiles are there, and the last one of the ring was used
    if (tile + 1 < tiles.end) stage<kTileRows>(ring + turn * kTileFloats, other_1, other + kTileRows);
    cuda::cp_async_commit();
    if (!idle) {
      TileScores scores;
      multiply_by_rows<8>(own_1 + warp_floats, tile_1, depth_runs, scores);
      const int query = square.query + (kByKeys ? col_lane() : row_lane());
      constexpr int kQueryStep = kByKeys ? 8 : 4;
      QueryNorms norms[kNorms];
      NTL_UNROLL
      for (int i = 0; i < kNorms; ++i) norms[i] = norms_of(a, tiling.queries, head, query + kQueryStep * i);
      NTL_UNROLL
      for (int i = 0; i < kThreadRows; ++i) {
        NTL_UNROLL
        for (int j = 0; j < kScoreCols; ++j) {
          const QueryNorms& norm = norms[kByKeys ? j : i];
          scores[i][j] = weight_of(scores[i][j] * a.scale, norm.shift_2) * norm.inverse;
        }
      }
      if (!square.seen()) {
        NTL_UNROLL
        for (int i = 0; i < kThreadRows; ++i) {
          NTL_UNROLL
          for (int j = 0; j < kScoreCols; ++j) {
            const int own_in = row_lane() + 4 * i;
            const int other_in = col_lane() + 8 * j;
            if (!square.sees(kByKeys ? other_in : own_in, kByKeys ? own_in : other_in)) scores[i][j] = 0.0F;
          }
        }
      }
      if constexpr (kByKeys) {
        put_weights(scores, weights);
        __syncwarp();
        if (a.dv != nullptr) multiply_by_tile(weights, tile_2, by_weights);
      }
      if (with_scores) {
        TileScores gradients;
        multiply_by_rows<8>(own_2 + warp_floats, tile_2, width_runs, gradients);
        float by_row[kNorms];
        NTL_UNROLL
        for (int i = 0; i < kNorms; ++i) {
          const int row = query + kQueryStep * i;
          by_row[i] = row < tiling.queries ? deltas[std::int64_t{head} * tiling.queries + row] : 0.0F;
        }
        NTL_UNROLL
        for (int i = 0; i < kThreadRows; ++i) {
          NTL_UNROLL
          for (int j = 0; j < kScoreCols; ++j) {
            // Of dk and dv they were not kept in registers while the values were added up.
            const float w = kByKeys ? weights[weight_place(i, j)] : scores[i][j];
            const float by_weight = gradients[i][j] - by_row[kByKeys ? j : i];
            // The gradient by a weight of 0 does not count, whatever it is.
            gradients[i][j] = w == 0.0F ? 0.0F : w * a.scale * by_weight;
          }
        }
        __syncwarp();  // the weights were used
        put_weights(gradients, weights);
      }
    }
    __syncthreads();  // the second matrix was used
    if (tile + 1 < tiles.end) stage<kTileRows>(tile_2, other_2, other + kTileRows);
    cuda::cp_async_commit();
    if (!idle && with_scores) multiply_by_tile(weights, tile_1, by_scores);
  }
  cuda::cp_async_wait<0>();
  __syncthreads();  // all of shared memory is written again

  if constexpr (kByKeys) {
    if (a.dk != nullptr) put_gradient(a, tiling, dk, head, own, split, by_scores);
    if (a.dv != nullptr) put_gradient(a, tiling, dv, head, own, split, by_weights);
  } else {
    put_gradient(a, tiling, dq, head, own, split, by_scores);
  }
}

// Blocks for dk and dv and blocks for dq by turns, those with most tiles first.
__global__ void __launch_bounds__(kTileThreads, 2)
    attention_backward_tiles(AttentionBackward a, Tiling tiling, const float* deltas, GradientRows dq, GradientRows dk,
                             GradientRows dv) {
  NTL_DYNAMIC_SHARED(float, shared);
  const int side_by_side = tiling.heads * tiling.splits;
  const int items = tiling.blocks * side_by_side * 2;
  for (int item = static_cast<int>(blockIdx.x); item < items; item += static_cast<int>(gridDim.x)) {
    const int head = item % side_by_side / tiling.splits;
    const int split = item % tiling.splits;
    const int rank = item / side_by_side / 2;
    if (item / side_by_side % 2 == 0) {
      const int first = rank * kOwnRows;
      if (first < tiling.keys && (a.dk != nullptr || a.dv != nullptr)) {
        attention_backward_rows<true>(a, tiling, deltas, dq, dk, dv, shared, head, first, split);
      }
    } else {
      const int first = (tiling.blocks - 1 - rank) * kOwnRows;
      if (first < tiling.queries && a.dq != nullptr) {
        attention_backward_rows<false>(a, tiling, deltas, dq, dk, dv, shared, head, first, split);
      }
    }
  }
}

// The gradients from the splits' parts, a warp a row; blockIdx.y says which.
__global__ void __launch_bounds__(kThreads)
    attention_backward_join(AttentionBackward a, int splits, GradientRows dq, GradientRows dk, GradientRows dv) {
  const GradientRows to = blockIdx.y == 0 ? dq : blockIdx.y == 1 ? dk : dv;
  if (to.data == nullptr) return;
  const std::int64_t rows = a.batch * a.heads * to.rows;
  for_rows<kWarp>(rows, [&](std::int64_t r, int member) {
    const std::int64_t head = r / to.rows;
    float* const data = to.data + to.strides.place(head / a.heads, head % a.heads, r % to.rows);
    for (std::int64_t c = member; c < to.cols; c += kWarp) {
      float sum = 0.0F;
      for (int s = 0; s < splits; ++s) sum += to.parts[(s * rows + r) * kHeadCols + c];
      data[c] = to.accumulate ? data[c] + sum : sum;
    }
  });
}

// ------------------------------------------------------------------------------------------------ launches

// How often to split the tiles that go by, for the least time in units of a block's tile on a processor that is busy:
// processors hold `resident` blocks each, work at two thirds for the last ones, and take a while to join the parts. Causal
// blocks have half the tiles and end at different times.
constexpr int kMostSplits = 8;
inline int splits_for(std::int64_t blocks, std::int64_t rows, bool causal, int resident) {
  const std::int64_t tiles = ceil_div(rows, kTileRows);
  int best = 1;
  double least = 0.0;
  for (int splits = 1; splits <= kMostSplits && splits <= tiles; ++splits) {
    const std::int64_t each = ceil_div(blocks * splits, kProcessors);
    const double turns =
        causal ? 0.5 * static_cast<double>(each) + 0.7 : static_cast<double>(each) + (each % resident == 0 ? 0.0 : 0.5);
    const double join = splits == 1 ? 0.0 : 0.5 + 0.01 * static_cast<double>(blocks * splits);
    const double time = static_cast<double>(ceil_div(tiles, splits)) * turns + join;
    if (splits == 1 || time < least) {
      least = time;
      best = splits;
    }
  }
  return best;
}
inline std::int64_t own_blocks(std::int64_t rows) { return ceil_div(rows, kOwnRows); }
inline int splits_for(const AttentionForward& a) {
  return splits_for(a.batch * a.heads * own_blocks(a.queries), a.keys, a.causal, 3);
}
inline int splits_for(const AttentionBackward& a) {
  const std::int64_t longer = a.queries > a.keys ? a.queries : a.keys;
  return splits_for(a.batch * a.heads * (own_blocks(a.queries) + own_blocks(a.keys)), longer, a.causal, 2);
}

template <typename Args>
bool in_tiles(const Args& a) {
  constexpr std::int64_t kMost = INT32_MAX / 2;  // rows of a head, and blocks
  return a.depth <= kHeadCols && a.width <= kHeadCols && a.queries <= kMost && a.keys <= kMost &&
         a.batch * a.heads * own_blocks(a.queries > a.keys ? a.queries : a.keys) <= kMost / (2 * kMostSplits);
}

inline std::int64_t parts_floats(const AttentionForward& a, int splits) {
  return splits == 1 ? 0 : splits * a.batch * a.heads * a.queries * (kHeadCols + 2);
}
inline std::int64_t parts_floats(const AttentionBackward& a, int splits) {
  return splits == 1 ? 0 : splits * a.batch * a.heads * (a.queries + 2 * a.keys) * kHeadCols;
}

inline bool in_runs(const float* data, const HeadStrides& strides, std::int64_t cols) {
  return aligned(data) && strides.batch % kFour == 0 && strides.head % kFour == 0 && strides.row % kFour == 0 &&
         cols % kFour == 0;
}

// `rows`: of a head, which are cut into blocks; `y`: y or dy.
template <typename Args>
Tiling tiling_of(const Args& a, std::int64_t rows, int splits, const float* y) {
  return {static_cast<int>(a.batch * a.heads), static_cast<int>(own_blocks(rows)), splits,
          static_cast<int>(a.queries),         static_cast<int>(a.keys),           in_runs(a.q, a.q_strides, a.depth),
          in_runs(a.k, a.k_strides, a.depth),  in_runs(a.v, a.v_strides, a.width), in_runs(y, a.y_strides, a.width)};
}

inline GradientRows gradient_rows(float* data, float* parts, const HeadStrides& strides, std::int64_t rows,
                                  std::int64_t cols, bool accumulate) {
  return {
      data, parts, strides, static_cast<int>(rows), static_cast<int>(cols), accumulate, in_runs(data, strides, cols)};
}

// `parts` are parts_floats(a, splits) floats. False, and nothing done, where the device has too little shared memory.
inline bool forward_in_tiles(const AttentionForward& a, int splits, float* parts, cudaStream_t stream) {
  if (!allow_shared(attention_forward_tiles, kForwardBytes)) return false;
  const std::int64_t heads = a.batch * a.heads;
  const Tiling tiling = tiling_of(a, a.queries, splits, a.y);
  float* const part_norms = splits > 1 ? parts + splits * heads * a.queries * kHeadCols : nullptr;
  NTL_LAUNCH(attention_forward_tiles, blocks_for(tiling.blocks * heads * splits, 1), dim3(kTileThreads), kForwardBytes,
             stream, a, tiling, splits > 1 ? parts : nullptr, part_norms);
  if (splits > 1) {
    NTL_LAUNCH(attention_forward_join, blocks_for_rows(heads * a.queries, true), dim3(kThreads), 0, stream, a, splits,
               parts, part_norms);
  }
  return true;
}

// The deltas are there unless only dv is wanted.
inline bool backward_in_tiles(const AttentionBackward& a, int splits, const float* deltas, float* parts,
                              cudaStream_t stream) {
  if (!allow_shared(attention_backward_tiles, kBackwardBytes)) return false;
  const std::int64_t heads = a.batch * a.heads;
  const std::int64_t longer = a.queries > a.keys ? a.queries : a.keys;
  const Tiling tiling = tiling_of(a, longer, splits, a.dy);
  float* const dk_parts = parts + splits * heads * a.queries * kHeadCols;
  float* const dv_parts = dk_parts + splits * heads * a.keys * kHeadCols;
  const GradientRows dq = gradient_rows(a.dq, parts, a.dq_strides, a.queries, a.depth, a.accumulate_dq);
  const GradientRows dk = gradient_rows(a.dk, dk_parts, a.dk_strides, a.keys, a.depth, a.accumulate_dk);
  const GradientRows dv = gradient_rows(a.dv, dv_parts, a.dv_strides, a.keys, a.width, a.accumulate_dv);
  NTL_LAUNCH(attention_backward_tiles, blocks_for(tiling.blocks * heads * splits * 2, 1), dim3(kTileThreads),
             kBackwardBytes, stream, a, tiling, deltas, dq, dk, dv);
  if (splits > 1) {
    dim3 grid = blocks_for_rows(heads * longer, true);
    grid.y = 3;
    NTL_LAUNCH(attention_backward_join, grid, dim3(kThreads), 0, stream, a, splits, dq, dk, dv);
  }
  return true;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
