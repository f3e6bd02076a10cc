// What threads join: values of a warp, of a block, or down the columns of a matrix. The order is that of the threads'
// numbers, so that the same shape gives the same bits.
#pragma once

#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;
constexpr unsigned kAllLanes = 0xFFFFFFFFU;
constexpr std::int64_t kWarpCols = 512;  // rows longer than this get a block each, shorter ones a warp

struct Add {
  template <typename T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
// NaN if either is: fmaxf and fminf would drop it.
struct Larger {
  template <typename T>
  __device__ T operator()(T a, T b) const {
    return a > b || a != a ? a : b;
  }
};
struct Smaller {
  template <typename T>
  __device__ T operator()(T a, T b) const {
    return a < b || a != a ? a : b;
  }
};

template <typename T>
__device__ T from_lane(T v, int distance) {
  return __shfl_xor_sync(kAllLanes, v, distance);
}

// The values of a warp; every lane gets the result.
template <typename T, typename Join>
__device__ T join_warp(T v, Join join) {
  NTL_UNROLL
  for (int distance = kWarp / 2; distance > 0; distance /= 2) v = join(v, from_lane(v, distance));
  return v;
}

// The values of a group of kGroup threads, a warp or the block; every thread gets the result. For a block, all its
// threads call it and `scratch` is shared memory for kWarps values.
template <int kGroup, typename T, typename Join>
__device__ T join_group(T v, Join join, T* scratch) {
  static_assert(kGroup == kWarp || kGroup == kThreads);
  v = join_warp(v, join);
  if constexpr (kGroup == kThreads) {
    if (threadIdx.x % kWarp == 0) scratch[threadIdx.x / kWarp] = v;
    __syncthreads();
    v = scratch[0];
    for (int warp = 1; warp < kWarps; ++warp) v = join(v, scratch[warp]);
    __syncthreads();  // scratch is written again by the next call
  }
  return v;
}

// f(row, member) with a group for each row.
template <int kGroup, typename F>
__device__ void for_rows(std::int64_t rows, F&& f) {
  constexpr std::int64_t kGroups = kThreads / kGroup;
  const int member = static_cast<int>(threadIdx.x) % kGroup;
  for (std::int64_t r = blockIdx.x * kGroups + threadIdx.x / kGroup; r < rows; r += gridDim.x * kGroups) f(r, member);
}
// The grid for it; `warps` says whether the groups are warps.
inline dim3 blocks_for_rows(std::int64_t rows, bool warps) { return blocks_for(rows, warps ? kWarps : 1); }

// f(c, first) for the columns of a block: lane by lane 32 of them side by side, each for the kWarps threads with the same
// lane, of which `first` is the number. Beyond the last column c is -1, for all threads take the same turns.
template <typename F>
__device__ void for_columns(std::int64_t columns, F&& f) {
  const std::int64_t lane = threadIdx.x % kWarp;
  for (std::int64_t begin = std::int64_t{blockIdx.x} * kWarp; begin < columns;
       begin += std::int64_t{gridDim.x} * kWarp) {
    f(begin + lane < columns ? begin + lane : -1, static_cast<int>(threadIdx.x) / kWarp);
  }
}
inline dim3 blocks_for_columns(std::int64_t columns) { return blocks_for(columns, kWarp); }

// The values of the threads of a column; each of them gets the result. All threads of the block call it; `scratch` is
// shared memory for kThreads values.
template <typename T, typename Join>
__device__ T join_column(T v, Join join, T* scratch) {
  scratch[threadIdx.x] = v;
  __syncthreads();
  v = scratch[threadIdx.x % kWarp];
  for (int warp = 1; warp < kWarps; ++warp) v = join(v, scratch[warp * kWarp + threadIdx.x % kWarp]);
  __syncthreads();
  return v;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
