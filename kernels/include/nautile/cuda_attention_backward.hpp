// The backward pass of cuda_attention.hpp: a block's own rows are queries, for dq, or keys, for dk and dv. Weights are computed
// again, from the norms of the forward pass.
#pragma once

#include "nautile/cuda_attention.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kBackwardBlocks = 2;  // on a processor
constexpr std::size_t kBackwardBytes = (2 * kOwnFloats + 3 * kTileFloats + 4 * kWeightFloats) * sizeof(float);

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

// Blocks for dk and dv and blocks for dq by turns, those with most tiles first. Shared memory: 112 KiB.
__global__ void __launch_bounds__(kTileThreads, kBackwardBlocks)
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

// The gradients from the splits' parts, first to last, a warp a row; blockIdx.y says which.
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

inline int splits_for(const AttentionBackward& a) {
  const std::int64_t longer = a.queries > a.keys ? a.queries : a.keys;
  return splits_for(a.batch * a.heads * (own_blocks(a.queries) + own_blocks(a.keys)), longer, a.causal,
                    kBackwardBlocks);
}

inline std::int64_t parts_floats(const AttentionBackward& a, int splits) {
  return splits == 1 ? 0 : splits * a.batch * a.heads * (a.queries + 2 * a.keys) * kHeadCols;
}

inline GradientRows gradient_rows(float* data, float* parts, const HeadStrides& strides, std::int64_t rows,
                                  std::int64_t cols, bool accumulate) {
  return {
      data, parts, strides, static_cast<int>(rows), static_cast<int>(cols), accumulate, in_runs(data, strides, cols)};
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
