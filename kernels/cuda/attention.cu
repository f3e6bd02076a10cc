#include "nautile/attention.hpp"

#include <cmath>

#include "nautile/cuda_attention_backward.hpp"
#include "nautile/cuda_attention_forward.hpp"
#include "nautile/cuda_group.hpp"

// Heads of at most 64 columns go by tiles: cuda_attention.hpp. For wider ones (and devices with little shared memory):
// squares of 64 queries x 64 keys, a block of 256 threads each, 4 x 4 elements a thread. Scores are products of rows that go
// through shared memory by slices; weights go through a tile of shared memory to the product with v (forward), k (dq), or q and
// dy (dk and dv). A block keeps 64 columns of one result in registers while it goes through all squares of a row or column:
// results that are wider are cut, and the scores computed again for each cut. No sum is split between blocks.

namespace nautile::NTL_TARGET {
namespace {

constexpr int kSquare = 64;
constexpr int kTile = 4;  // elements of a thread along either side
constexpr int kThreadsAcross = kSquare / kTile;
constexpr int kSlice = 16;         // of the terms of a product at a time
constexpr int kRow = kSquare + 4;  // of shared memory: moves the rows to other banks

using Slice = float[kSlice][kRow];
using Weights = float[kSquare][kRow];
using Sums = float[kTile][kTile];

// A thread's first row and column of a square.
__device__ inline int own_row() { return static_cast<int>(threadIdx.x) / kThreadsAcross * kTile; }
__device__ inline int own_col() { return static_cast<int>(threadIdx.x) % kThreadsAcross * kTile; }

__device__ inline int at_most(std::int64_t x, int bound) { return x < bound ? static_cast<int>(x) : bound; }
__device__ inline std::int64_t lesser(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// Rows of a matrix: the first `count` of them exist.
struct Rows {
  const float* data;
  std::int64_t step;
  int count;
};

__device__ inline void multiply_slice(const Slice& a, const Slice& b, Sums& sum) {
  NTL_UNROLL
  for (int p = 0; p < kSlice; ++p) {
    NTL_UNROLL
    for (int i = 0; i < kTile; ++i) {
      NTL_UNROLL
      for (int j = 0; j < kTile; ++j) sum[i][j] = fmaf(a[p][own_row() + i], b[p][own_col() + j], sum[i][j]);
    }
  }
}

// The products of rows of a with rows of b, `depth` terms each.
__device__ inline void multiply_rows(const Rows& a, const Rows& b, std::int64_t depth, Slice& a_slice, Slice& b_slice,
                                     Sums& sum) {
  const int p = static_cast<int>(threadIdx.x) % kSlice;
  for (int i = 0; i < kTile; ++i) {
    for (int j = 0; j < kTile; ++j) sum[i][j] = 0.0F;
  }
  for (std::int64_t begin = 0; begin < depth; begin += kSlice) {
    const bool inside = begin + p < depth;
    for (int r = static_cast<int>(threadIdx.x) / kSlice; r < kSquare; r += kThreads / kSlice) {
      a_slice[p][r] = inside && r < a.count ? a.data[r * a.step + begin + p] : 0.0F;
      b_slice[p][r] = inside && r < b.count ? b.data[r * b.step + begin + p] : 0.0F;
    }
    __syncthreads();
    multiply_slice(a_slice, b_slice, sum);
    __syncthreads();  // the slices are written again
  }
}

// sum += the tile times the first `cols` columns of rows; with kTurned its transpose. All threads have written the tile;
// afterwards they may write it again.
template <bool kTurned>
__device__ void multiply_tile(const Weights& tile, const Rows& rows, int cols, Slice& slice, Sums& sum) {
  __syncthreads();
  const int c = static_cast<int>(threadIdx.x) % kSquare;
  for (int begin = 0; begin < rows.count; begin += kSlice) {
    for (int p = static_cast<int>(threadIdx.x) / kSquare; p < kSlice; p += kThreads / kSquare) {
      slice[p][c] = begin + p < rows.count && c < cols ? rows.data[(begin + p) * rows.step + c] : 0.0F;
    }
    __syncthreads();
    NTL_UNROLL
    for (int p = 0; p < kSlice; ++p) {
      NTL_UNROLL
      for (int i = 0; i < kTile; ++i) {
        const float w = kTurned ? tile[begin + p][own_row() + i] : tile[own_row() + i][begin + p];
        NTL_UNROLL
        for (int j = 0; j < kTile; ++j) sum[i][j] = fmaf(w, slice[p][own_col() + j], sum[i][j]);
      }
    }
    __syncthreads();
  }
}

// The values of the threads that have the same rows.
template <typename Join>
__device__ float join_across(float v, Join join) {
  NTL_UNROLL
  for (int distance = kThreadsAcross / 2; distance > 0; distance /= 2) v = join(v, from_lane(v, distance));
  return v;
}

// The part of one head that a block computes: rows from `first` on, columns from `left` on.
struct Part {
  std::int64_t b;
  std::int64_t h;
  std::int64_t head;
  std::int64_t first;
  std::int64_t left;
};
__device__ inline Part part_of(std::int64_t item, std::int64_t heads, std::int64_t squares, std::int64_t cuts) {
  const std::int64_t head = item / (squares * cuts);
  return {head / heads, head % heads, head, item / cuts % squares * kSquare, item % cuts * kSquare};
}

template <typename Args>
__device__ bool sees(const Args& a, std::int64_t b, std::int64_t query, std::int64_t key) {
  return query < a.queries && key < a.keys && !(a.causal && key > query) &&
         (a.mask == nullptr || a.mask[b * a.keys + key] != 0);
}

template <typename Args>
__device__ Rows q_rows(const Args& a, const Part& part, std::int64_t query) {
  return {a.q + a.q_strides.place(part.b, part.h, query), a.q_strides.row, at_most(a.queries - query, kSquare)};
}
template <typename Args>
__device__ Rows k_rows(const Args& a, const Part& part, std::int64_t key) {
  return {a.k + a.k_strides.place(part.b, part.h, key), a.k_strides.row, at_most(a.keys - key, kSquare)};
}
template <typename Args>
__device__ Rows v_rows(const Args& a, const Part& part, std::int64_t key) {
  return {a.v + a.v_strides.place(part.b, part.h, key), a.v_strides.row, at_most(a.keys - key, kSquare)};
}
__device__ inline Rows dy_rows(const AttentionBackward& a, const Part& part, std::int64_t query) {
  return {a.dy + a.y_strides.place(part.b, part.h, query), a.y_strides.row, at_most(a.queries - query, kSquare)};
}
__device__ inline Rows from_column(const Rows& rows, std::int64_t col) {
  return {rows.data + col, rows.step, rows.count};
}

// Writes a thread's sums where the matrix has rows and columns.
template <typename Value>
__device__ void put(float* to, std::int64_t step, std::int64_t rows, std::int64_t cols, Value&& value) {
  NTL_UNROLL
  for (int i = 0; i < kTile; ++i) {
    NTL_UNROLL
    for (int j = 0; j < kTile; ++j) {
      if (own_row() + i < rows && own_col() + j < cols) {
        float& element = to[(own_row() + i) * step + own_col() + j];
        element = value(i, j, element);
      }
    }
  }
}

__global__ void __launch_bounds__(kThreads, 2)
    attention_forward_by_queries(AttentionForward a, std::int64_t items, std::int64_t squares, std::int64_t cuts) {
  NTL_SHARED(Slice, a_slice);
  NTL_SHARED(Slice, b_slice);
  NTL_SHARED(Weights, tile);
  for (std::int64_t item = blockIdx.x; item < items; item += gridDim.x) {
    const Part part = part_of(item, a.heads, squares, cuts);
    float largest[kTile];
    float total[kTile] = {};
    Sums sum = {};
    NTL_UNROLL
    for (int i = 0; i < kTile; ++i) largest[i] = -INFINITY;
    const std::int64_t end = a.causal ? lesser(a.keys, part.first + kSquare) : a.keys;
    for (std::int64_t key = 0; key < end; key += kSquare) {
      Sums scores;
      multiply_rows(q_rows(a, part, part.first), k_rows(a, part, key), a.depth, a_slice, b_slice, scores);
      NTL_UNROLL
      for (int i = 0; i < kTile; ++i) {
        const std::int64_t query = part.first + own_row() + i;
        float most = largest[i];
        NTL_UNROLL
        for (int j = 0; j < kTile; ++j) {
          scores[i][j] = sees(a, part.b, query, key + own_col() + j) ? scores[i][j] * a.scale : -INFINITY;
          most = Larger{}(most, scores[i][j]);
        }
        most = join_across(most, Larger{});
        const float shift = most == -INFINITY ? 0.0F : most;
        const float shrink = expf(largest[i] - shift);
        float more = 0.0F;
        NTL_UNROLL
        for (int j = 0; j < kTile; ++j) {
          const float w = expf(scores[i][j] - shift);
          tile[own_row() + i][own_col() + j] = w;
          more += w;
          sum[i][j] *= shrink;
        }
        total[i] = total[i] * shrink + join_across(more, Add{});
        largest[i] = most;
      }
      multiply_tile<false>(tile, from_column(v_rows(a, part, key), part.left), at_most(a.width - part.left, kSquare),
                           b_slice, sum);
    }
    float inverse[kTile];
    NTL_UNROLL
    for (int i = 0; i < kTile; ++i) {
      const std::int64_t query = part.first + own_row() + i;
      const bool none = total[i] == 0.0F;
      inverse[i] = none ? 0.0F : 1.0F / total[i];
      if (part.left == 0 && own_col() == 0 && query < a.queries) {
        float* norms = a.norms + (part.head * a.queries + query) * 2;
        norms[0] = none ? 0.0F : largest[i];
        norms[1] = inverse[i];
      }
    }
    put(a.y + a.y_strides.place(part.b, part.h, part.first) + part.left, a.y_strides.row, a.queries - part.first,
        a.width - part.left, [&](int i, int j, float) { return sum[i][j] * inverse[i]; });
  }
}

// deltas[row] = dy y, the mean of the gradients by the row's weights.
__global__ void __launch_bounds__(kThreads) attention_backward_join_rows(AttentionBackward a, float* deltas) {
  for_rows<kWarp>(a.batch * a.heads * a.queries, [&](std::int64_t r, int member) {
    const std::int64_t head = r / a.queries;
    const std::int64_t place = a.y_strides.place(head / a.heads, head % a.heads, r % a.queries);
    float delta = 0.0F;
    for (std::int64_t c = member; c < a.width; c += kWarp) delta += a.dy[place + c] * a.y[place + c];
    delta = join_warp(delta, Add{});
    if (member == 0) deltas[r] = delta;
  });
}

// A thread's weights of a square from its scores.
__device__ inline void weights_of(const AttentionBackward& a, const Part& part, std::int64_t query, std::int64_t key,
                                  Sums& scores) {
  NTL_UNROLL
  for (int i = 0; i < kTile; ++i) {
    const std::int64_t row = query + own_row() + i;
    const float* norms = a.norms + (part.head * a.queries + row) * 2;
    NTL_UNROLL
    for (int j = 0; j < kTile; ++j) {
      scores[i][j] =
          sees(a, part.b, row, key + own_col() + j) ? expf(scores[i][j] * a.scale - norms[0]) * norms[1] : 0.0F;
    }
  }
}

__device__ inline void put_in_tile(const Sums& values, Weights& tile) {
  NTL_UNROLL
  for (int i = 0; i < kTile; ++i) {
    NTL_UNROLL
    for (int j = 0; j < kTile; ++j) tile[own_row() + i][own_col() + j] = values[i][j];
  }
}

// The gradient by the scores, to the tile; `by_weights` are the gradients by the weights.
__device__ inline void put_gradients(const AttentionBackward& a, const Part& part, const float* deltas,
                                     std::int64_t query, const Sums& weights, const Sums& by_weights, Weights& tile) {
  NTL_UNROLL
  for (int i = 0; i < kTile; ++i) {
    const std::int64_t row = query + own_row() + i;
    const float delta = row < a.queries ? deltas[part.head * a.queries + row] : 0.0F;
    NTL_UNROLL
    for (int j = 0; j < kTile; ++j) {
      const float w = weights[i][j];  // by_weights of a key that is not seen counts no more than the key
      tile[own_row() + i][own_col() + j] = w == 0.0F ? 0.0F : w * a.scale * (by_weights[i][j] - delta);
    }
  }
}

__global__ void __launch_bounds__(kThreads, 2)
    attention_backward_by_queries(AttentionBackward a, const float* deltas, std::int64_t items, std::int64_t squares,
                                  std::int64_t cuts) {
  NTL_SHARED(Slice, a_slice);
  NTL_SHARED(Slice, b_slice);
  NTL_SHARED(Weights, tile);
  for (std::int64_t item = blockIdx.x; item < items; item += gridDim.x) {
    const Part part = part_of(item, a.heads, squares, cuts);
    Sums sum = {};
    const std::int64_t end = a.causal ? lesser(a.keys, part.first + kSquare) : a.keys;
    for (std::int64_t key = 0; key < end; key += kSquare) {
      Sums weights;
      Sums by_weights;
      multiply_rows(q_rows(a, part, part.first), k_rows(a, part, key), a.depth, a_slice, b_slice, weights);
      multiply_rows(dy_rows(a, part, part.first), v_rows(a, part, key), a.width, a_slice, b_slice, by_weights);
      weights_of(a, part, part.first, key, weights);
      put_gradients(a, part, deltas, part.first, weights, by_weights, tile);
      multiply_tile<false>(tile, from_column(k_rows(a, part, key), part.left), at_most(a.depth - part.left, kSquare),
                           b_slice, sum);
    }
    put(a.dq + a.dq_strides.place(part.b, part.h, part.first) + part.left, a.dq_strides.row, a.queries - part.first,
        a.depth - part.left,
        [&](int i, int j, float before) { return a.accumulate_dq ? before + sum[i][j] : sum[i][j]; });
  }
}

__global__ void __launch_bounds__(kThreads)
    attention_backward_by_keys(AttentionBackward a, const float* deltas, std::int64_t items, std::int64_t squares,
                               std::int64_t cuts) {
  NTL_SHARED(Slice, a_slice);
  NTL_SHARED(Slice, b_slice);
  NTL_SHARED(Weights, tile);
  for (std::int64_t item = blockIdx.x; item < items; item += gridDim.x) {
    const Part part = part_of(item, a.heads, squares, cuts);
    const bool with_dk = a.dk != nullptr && part.left < a.depth;
    const bool with_dv = a.dv != nullptr && part.left < a.width;
    Sums dk = {};
    Sums dv = {};
    for (std::int64_t query = a.causal ? part.first : 0; query < a.queries; query += kSquare) {
      Sums weights;
      multiply_rows(q_rows(a, part, query), k_rows(a, part, part.first), a.depth, a_slice, b_slice, weights);
      weights_of(a, part, query, part.first, weights);
      if (with_dv) {
        put_in_tile(weights, tile);
        multiply_tile<true>(tile, from_column(dy_rows(a, part, query), part.left),
                            at_most(a.width - part.left, kSquare), b_slice, dv);
      }
      if (with_dk) {
        Sums by_weights;
        multiply_rows(dy_rows(a, part, query), v_rows(a, part, part.first), a.width, a_slice, b_slice, by_weights);
        put_gradients(a, part, deltas, query, weights, by_weights, tile);
        multiply_tile<true>(tile, from_column(q_rows(a, part, query), part.left), at_most(a.depth - part.left, kSquare),
                            b_slice, dk);
      }
    }
    if (with_dk) {
      put(a.dk + a.dk_strides.place(part.b, part.h, part.first) + part.left, a.dk_strides.row, a.keys - part.first,
          a.depth - part.left,
          [&](int i, int j, float before) { return a.accumulate_dk ? before + dk[i][j] : dk[i][j]; });
    }
    if (with_dv) {
      put(a.dv + a.dv_strides.place(part.b, part.h, part.first) + part.left, a.dv_strides.row, a.keys - part.first,
          a.width - part.left,
          [&](int i, int j, float before) { return a.accumulate_dv ? before + dv[i][j] : dv[i][j]; });
    }
  }
}

// One for each query; what follows them is aligned.
std::int64_t deltas_floats(const AttentionBackward& a) {
  return ceil_div(a.batch * a.heads * a.queries, kFour) * kFour;
}

}  // namespace

std::int64_t tasks(const AttentionForward&) { return 1; }
std::int64_t tasks(const AttentionBackward&) { return 1; }
std::int64_t workspace(const AttentionForward& a, std::int64_t) {
  return in_tiles(a) ? parts_floats(a, splits_for(a)) * static_cast<std::int64_t>(sizeof(float)) : 0;
}
// The deltas, and the parts of the gradients.
std::int64_t workspace(const AttentionBackward& a, std::int64_t) {
  const std::int64_t parts = in_tiles(a) ? parts_floats(a, splits_for(a)) : 0;
  return (deltas_floats(a) + parts) * static_cast<std::int64_t>(sizeof(float));
}

void attention_forward(const AttentionForward& a, std::byte* workspace, const Team& team) {
  if (in_tiles(a) && forward_in_tiles(a, splits_for(a), reinterpret_cast<float*>(workspace), stream_of(team))) return;
  const std::int64_t squares = ceil_div(a.queries, kSquare);
  const std::int64_t cuts = ceil_div(a.width, kSquare);
  const std::int64_t items = a.batch * a.heads * squares * cuts;
  NTL_LAUNCH(attention_forward_by_queries, blocks_for(items, 1), dim3(kThreads), 0, stream_of(team), a, items, squares,
             cuts);
}

void attention_backward(const AttentionBackward& a, std::byte* workspace, const Team& team) {
  auto* deltas = reinterpret_cast<float*>(workspace);
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  const std::int64_t heads = a.batch * a.heads;
  if (a.dq != nullptr || a.dk != nullptr) {
    NTL_LAUNCH(attention_backward_join_rows, blocks_for_rows(heads * a.queries, true), threads, 0, stream, a, deltas);
  }
  if (in_tiles(a) && backward_in_tiles(a, splits_for(a), deltas, deltas + deltas_floats(a), stream)) return;
  if (a.dq != nullptr) {
    const std::int64_t squares = ceil_div(a.queries, kSquare);
    const std::int64_t cuts = ceil_div(a.depth, kSquare);
    const std::int64_t items = heads * squares * cuts;
    NTL_LAUNCH(attention_backward_by_queries, blocks_for(items, 1), threads, 0, stream, a, deltas, items, squares,
               cuts);
  }
  if (a.dk != nullptr || a.dv != nullptr) {
    const std::int64_t squares = ceil_div(a.keys, kSquare);
    const std::int64_t cuts = ceil_div(a.depth > a.width ? a.depth : a.width, kSquare);
    const std::int64_t items = heads * squares * cuts;
    NTL_LAUNCH(attention_backward_by_keys, blocks_for(items, 1), threads, 0, stream, a, deltas, items, squares, cuts);
  }
}

}  // namespace nautile::NTL_TARGET
