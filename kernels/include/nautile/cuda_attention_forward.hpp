// The forward pass of cuda_attention.hpp: a block's own rows are queries, and keys and values go by. Weights are relative to the
// largest score so far; where that grows, the sums shrink.
#pragma once

#include "nautile/cuda_attention.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kForwardBlocks = 3;  // on a processor
constexpr std::size_t kForwardBytes = (kOwnFloats + 2 * kTileFloats + 4 * kWeightFloats) * sizeof(float);

// The norms of a row, from its largest score and the sum of its weights; the inverse of that sum.
__device__ inline float put_norms(float* norms, float largest, float total) {
  const bool none = total == 0.0F;
  norms[0] = none ? 0.0F : total != total ? total : largest;  // a NaN among the scores: fmaxf drops it
  norms[1] = none ? 0.0F : 1.0F / total;
  return norms[1];
}

// Without splits to y and norms. Otherwise sums and {largest, total} of each row to parts [splits,rows,64] and
// part_norms [splits,rows,2]. Shared memory: 69 KiB.
__global__ void __launch_bounds__(kTileThreads, kForwardBlocks)
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

// y and norms from the splits' parts, first to last, a warp a row.
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

// ------------------------------------------------------------------------------------------------ launches

inline int splits_for(const AttentionForward& a) {
  return splits_for(a.batch * a.heads * own_blocks(a.queries), a.keys, a.causal, kForwardBlocks);
}
inline std::int64_t parts_floats(const AttentionForward& a, int splits) {
  return splits == 1 ? 0 : splits * a.batch * a.heads * a.queries * (kHeadCols + 2);
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

}  // namespace
}  // namespace nautile::NTL_TARGET
