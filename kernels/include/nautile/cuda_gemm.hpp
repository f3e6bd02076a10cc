// The matrix product y = a b for any strides of a and b, in float32.
//
// y is cut into squares; a block computes one over all of k, 256 threads with kTile x kTile elements each in registers.
// Slices of a and b, kDepth deep, go through shared memory; while one is multiplied the next is copied (cp.async). After
// 384 terms the sums are added to y, which bounds the rounding errors as it does on the CPU and saves the registers of a
// second set of sums. The order of a sum depends on k alone.
#pragma once

#include "nautile/cuda_grid.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kDepth = 16;
constexpr int kPartSlices = 24;              // 384 terms
constexpr int kSide = 16;                    // threads along either side of a square
constexpr int kPad = 4;                      // keeps the rows of a slice aligned and moves them to other banks
constexpr std::int64_t kEnoughBlocks = 128;  // about one for each processor of a large GPU

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

// The elements (i, p) for i < kWidth and p < kDepth, zeros beyond width and depth, into to[p][i].
template <int kWidth>
__device__ void copy_slice(const Operand& x, const float* from, int width, int depth, float (*to)[kWidth + kPad]) {
  const int thread = static_cast<int>(threadIdx.x);
  if (x.order == Order::fours) {
    constexpr int kFours = kWidth / kFour;
    const int i = thread % kFours * kFour;
    NTL_UNROLL
    for (int p = thread / kFours; p < kDepth; p += kThreads / kFours) {
      cuda::cp_async_16(&to[p][i], from + p * x.along + i, i < width && p < depth);
    }
    return;
  }
  const bool along = x.order == Order::along;
  int i = along ? thread / kDepth : thread % kWidth;
  int p = along ? thread % kDepth : thread / kWidth;
  const int i_step = along ? kThreads / kDepth : 0;
  const int p_step = along ? 0 : kThreads / kWidth;
  from += i * x.across + p * x.along;
  const std::int64_t step = i_step * x.across + p_step * x.along;
  NTL_UNROLL_BY(2)  // by more, the addresses of the copies take registers from the sums
  for (int turn = 0; turn < kWidth * kDepth / kThreads; ++turn) {
    cuda::cp_async_4(&to[p][i], from, i < width && p < depth);
    i += i_step;
    p += p_step;
    from += step;
  }
}

__device__ inline int least(int a, std::int64_t b) { return b < a ? static_cast<int>(b) : a; }

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

template <int kTile>
__device__ void multiply(const Slice<kTile>& a, const Slice<kTile>& b, int row, int col, float (&sum)[kTile][kTile]) {
  constexpr int kLength = kRun<kTile>;
  NTL_UNROLL
  for (int p = 0; p < kDepth; ++p) {
    Pack<kLength> a_run[kTile / kLength];
    Pack<kLength> b_run[kTile / kLength];
    NTL_UNROLL
    for (int i = 0; i < kTile / kLength; ++i) {
      a_run[i] = load<kLength>(&a[p][place<kTile>(row, i * kLength)]);
      b_run[i] = load<kLength>(&b[p][place<kTile>(col, i * kLength)]);
    }
    NTL_UNROLL
    for (int i = 0; i < kTile; ++i) {
      NTL_UNROLL
      for (int j = 0; j < kTile; ++j) {
        sum[i][j] = fmaf(a_run[i / kLength].v[i % kLength], b_run[j / kLength].v[j % kLength], sum[i][j]);
      }
    }
  }
}

// A square of y.
struct Square {
  float* y;
  std::int64_t y_row;
  int height;
  int width;
  bool fours;  // its runs are moved at once
};

// Adds the bias of its column to each sum.
template <int kTile>
__device__ void add_bias(const float* bias, int width, int col, float (&sum)[kTile][kTile]) {
  NTL_UNROLL
  for (int j = 0; j < kTile; ++j) {
    const int c = place<kTile>(col, j);
    const float v = c < width ? bias[c] : 0.0F;
    NTL_UNROLL
    for (int i = 0; i < kTile; ++i) sum[i][j] += v;
  }
}

// Moves the sums to y, or adds them to what is there.
template <int kTile>
__device__ void put_sums(const Square& to, int row, int col, bool add, float (&sum)[kTile][kTile]) {
  constexpr int kLength = kRun<kTile>;
  NTL_UNROLL
  for (int i = 0; i < kTile; ++i) {
    const int r = place<kTile>(row, i);
    NTL_UNROLL
    for (int j = 0; j < kTile; j += kLength) {
      const int c = place<kTile>(col, j);
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

// grid: the squares of all matrices, row by row. Shared memory: 34, 17 or 9 KiB for kTile 8, 4 or 2.
template <int kTile>
__global__ void __launch_bounds__(kThreads, kTile == 8 ? 1 : 2)
    gemm_by_square(Gemm g, Operand a, Operand b, std::int64_t down, std::int64_t across, bool fours) {
  constexpr int kWidth = kSide * kTile;
  NTL_SHARED(Slice<kTile>, a_slices, [2]);
  NTL_SHARED(Slice<kTile>, b_slices, [2]);
  const int row = static_cast<int>(threadIdx.x) / kSide;
  const int col = static_cast<int>(threadIdx.x) % kSide;
  const int slices = g.k == 0 ? 1 : static_cast<int>(ceil_div(g.k, kDepth));  // an empty sum: one of zeros
  for (std::int64_t s = blockIdx.x; s < g.batch * down * across; s += gridDim.x) {
    const std::int64_t matrix = s / (down * across);
    const std::int64_t top = s / across % down * kWidth;
    const std::int64_t left = s % across * kWidth;
    const Square square{g.y + matrix * g.y_batch + top * g.y_row + left, g.y_row, least(kWidth, g.m - top),
                        least(kWidth, g.n - left), fours};
    const float* a_from = a.data + matrix * a.batch + top * a.across;
    const float* b_from = b.data + matrix * b.batch + left * b.across;
    const auto copy = [&](int slice) {
      if (slice < slices) {
        const std::int64_t begin = std::int64_t{slice} * kDepth;
        const int depth = least(kDepth, g.k - begin);
        copy_slice<kWidth>(a, a_from + begin * a.along, square.height, depth, a_slices[slice % 2]);
        copy_slice<kWidth>(b, b_from + begin * b.along, square.width, depth, b_slices[slice % 2]);
      }
      cuda::cp_async_commit();
    };

    float sum[kTile][kTile] = {};
    copy(0);
    for (int slice = 0; slice < slices; ++slice) {
      cuda::cp_async_wait<0>();
      __syncthreads();  // the slice is there, and the other one is no longer read
      copy(slice + 1);
      multiply<kTile>(a_slices[slice % 2], b_slices[slice % 2], row, col, sum);
      const bool last = slice + 1 == slices;
      if (last || (slice + 1) % kPartSlices == 0) {
        if (last && g.bias != nullptr) add_bias<kTile>(g.bias + left, square.width, col, sum);
        put_sums<kTile>(square, row, col, g.accumulate || slice >= kPartSlices, sum);
      }
    }
    __syncthreads();  // the slices are written again for the next square
  }
}

inline Operand operand(const float* data, std::int64_t batch, std::int64_t across, std::int64_t along,
                       std::int64_t width) {
  const bool fours = across == 1 && along % kFour == 0 && batch % kFour == 0 && width % kFour == 0 && aligned(data);
  return {data, batch, across, along, fours ? Order::fours : along == 1 ? Order::along : Order::across};
}

template <int kTile>
void gemm_in_squares(const Gemm& g, std::int64_t squares, const Team& team) {
  constexpr std::int64_t kWidth = std::int64_t{kSide} * kTile;
  const bool fours = g.n % kFour == 0 && g.y_row % kFour == 0 && g.y_batch % kFour == 0 && aligned(g.y);
  NTL_LAUNCH((gemm_by_square<kTile>), blocks_for(squares, 1), dim3(kThreads), 0, stream_of(team), g,
             operand(g.a, g.a_batch, g.a_row, g.a_col, g.m), operand(g.b, g.b_batch, g.b_col, g.b_row, g.n),
             ceil_div(g.m, kWidth), ceil_div(g.n, kWidth), fours);
}

// Squares of 128 x 128 where they fill the GPU, else smaller ones.
inline void gemm(const Gemm& g, const Team& team) {
  const auto squares = [&](std::int64_t tile) {
    return g.batch * ceil_div(g.m, kSide * tile) * ceil_div(g.n, kSide * tile);
  };
  const std::int64_t narrow = g.m < g.n ? g.m : g.n;
  if (narrow > 64 && squares(8) >= kEnoughBlocks) return gemm_in_squares<8>(g, squares(8), team);
  if (narrow > 32 && squares(4) >= kEnoughBlocks) return gemm_in_squares<4>(g, squares(4), team);
  gemm_in_squares<2>(g, squares(2), team);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
