// Attention of heads of at most 64 columns, what forward (cuda_attention_forward.hpp) and backward (cuda_attention_backward.hpp)
// share: 128 rows to a block, 32 to a warp, and tiles of 32 rows that go by.
//
//   block  128 threads; a warp multiplies its 32 rows by a tile (32 x 32 scores, 8 x 4 a thread) and the weights by a tile
//          (32 x 64 sums, 8 x 8 a thread), so that 16 bytes read from shared memory serve 10 to 16 multiply-adds
//   grid   a block for each 128 rows of a head and each split of the rows that go by
//   shared the block's own rows, the tiles, and each warp's weights
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

// 2^(score - shift) of scores in units of e, the same forward and backward.
__device__ inline float weight_of(float score, float shift_2) {
  return cuda::exp2_flushed(fmaf(score, kLog2E, -shift_2));
}
__device__ inline float shift_2_of(float largest) { return largest == -INFINITY ? 0.0F : largest * kLog2E; }

// ------------------------------------------------------------------------------------------------ how the work is cut

// How often to split the tiles that go by, for the least time in units of a block's tile on a processor that is busy:
// processors hold `resident` blocks each, work at two thirds for the last ones, and take a while to join the parts. Causal
// blocks have half the tiles and end at different times. All of that is roughly so.
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

template <typename Args>
bool in_tiles(const Args& a) {
  constexpr std::int64_t kMost = INT32_MAX / 2;  // rows of a head, and blocks
  return a.depth <= kHeadCols && a.width <= kHeadCols && a.queries <= kMost && a.keys <= kMost &&
         a.batch * a.heads * own_blocks(a.queries > a.keys ? a.queries : a.keys) <= kMost / (2 * kMostSplits);
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

}  // namespace
}  // namespace nautile::NTL_TARGET
