// What the normalising kernels share: sums down the columns of a matrix in two stages, and a mean in two parts.
#pragma once

#include "nautile/cuda_group.hpp"

namespace nautile::NTL_TARGET {
namespace {

// How many threads of a block lie side by side, each with a run of columns: a power of two, at most a warp. The others
// are below them.
inline int threads_across(std::int64_t cols) {
  int across = 1;
  while (across < kWarp && across * kFour < cols) across *= 2;
  return across;
}

// First stage, grid (groups of columns, blocks of rows, which each lie in one sample [rows, cols]): start(sample, c) gives
// add(sums, r), which adds the terms of row r, counted from the first sample on, in the four columns from c on; the sums
// of column c go to parts [samples * blocks][kSums][cols]. `scratch` is shared memory for kColumnScratch<kSums> values.
// In double, but for those of kShortRows rows, which are in Short.
constexpr int kShortRows = 4;
template <int kSums>
constexpr int kColumnScratch = kSums * kFour * kThreads;
template <int kSums, typename T = double>
using RunSums = T[kSums][kFour];
template <int kSums, typename Short = double, typename F>
__device__ void column_parts(std::int64_t samples, std::int64_t rows, std::int64_t cols, std::int64_t rows_per_block,
                             int across, double* parts, double* scratch, F&& start) {
  const std::int64_t blocks = ceil_div(rows, rows_per_block);
  const int member = static_cast<int>(threadIdx.x);
  const int below = kThreads / across;
  const std::int64_t width = std::int64_t{kFour} * across;
  for (std::int64_t left = blockIdx.x * width; left < cols; left += gridDim.x * width) {
    const std::int64_t c = left + member % across * kFour;
    for (std::int64_t block = blockIdx.y; block < samples * blocks; block += gridDim.y) {
      RunSums<kSums> sums = {};
      if (c < cols) {
        const std::int64_t sample = block / blocks;
        const std::int64_t begin = (block - sample * blocks) * rows_per_block;
        const std::int64_t end = begin + rows_per_block < rows ? begin + rows_per_block : rows;
        const auto add = start(sample, c);
        const auto fold = [&](const RunSums<kSums, Short>& few) {
          NTL_UNROLL
          for (int i = 0; i < kSums * kFour; ++i)
            sums[i / kFour][i % kFour] += static_cast<double>(few[i / kFour][i % kFour]);
        };
        std::int64_t r = begin + member / across;
        for (; r + (kShortRows - 1) * below < end; r += kShortRows * below) {
          RunSums<kSums, Short> few = {};
          NTL_UNROLL
          for (int t = 0; t < kShortRows; ++t) add(few, sample * rows + r + t * below);
          fold(few);
        }
        RunSums<kSums, Short> few = {};
        for (; r < end; r += below) add(few, sample * rows + r);
        fold(few);
      }
      NTL_UNROLL
      for (int i = 0; i < kSums * kFour; ++i) scratch[i * kThreads + member] = sums[i / kFour][i % kFour];
      __syncthreads();
      if (member < kSums * kFour * across) {
        const int i = member / across;
        double sum = 0.0;
        for (int t = member % across; t < kThreads; t += across) sum += scratch[i * kThreads + t];
        const std::int64_t column = left + member % across * kFour + i % kFour;
        if (column < cols) parts[(block * kSums + i / kFour) * cols + column] = sum;
      }
      __syncthreads();
    }
  }
}
inline dim3 blocks_for_column_parts(std::int64_t cols, std::int64_t row_blocks) {
  dim3 grid = blocks_for(cols, kFour * threads_across(cols));
  grid.y = static_cast<unsigned>(row_blocks < 65535 ? row_blocks : 65535);
  return grid;
}

// Second stage: f(c, sums) for each column, by one thread, with the sums of its parts [blocks][kSums][cols]; eight columns a
// block. `scratch` is shared memory for kJoinScratch<kSums> values. In double.
constexpr int kJoinColumns = 8;
template <int kSums>
constexpr int kJoinScratch = kSums * kWarps * kJoinColumns;
template <int kSums, typename Part, typename F>
__device__ void for_joined_columns(const Part* parts, std::int64_t blocks, std::int64_t cols, double* scratch, F&& f) {
  const int member = static_cast<int>(threadIdx.x);
  const int place = member % kJoinColumns;
  for (std::int64_t left = std::int64_t{blockIdx.x} * kJoinColumns; left < cols;
       left += std::int64_t{gridDim.x} * kJoinColumns) {
    const std::int64_t c = left + place;
    double sums[kSums] = {};
    if (c < cols) {
      NTL_UNROLL_BY(8)
      for (std::int64_t b = member / kJoinColumns; b < blocks; b += kThreads / kJoinColumns) {
        NTL_UNROLL
        for (int i = 0; i < kSums; ++i) sums[i] += static_cast<double>(parts[(b * kSums + i) * cols + c]);
      }
    }
    NTL_UNROLL
    for (int i = 0; i < kSums; ++i) {
      NTL_UNROLL
      for (int distance = kWarp / 2; distance >= kJoinColumns; distance /= 2) sums[i] += from_lane(sums[i], distance);
      if (member % kWarp < kJoinColumns) scratch[(i * kWarps + member / kWarp) * kJoinColumns + place] = sums[i];
    }
    __syncthreads();
    if (member < kJoinColumns && c < cols) {
      for (int i = 0; i < kSums; ++i) {
        for (int warp = 1; warp < kWarps; ++warp) sums[i] += scratch[(i * kWarps + warp) * kJoinColumns + place];
      }
      f(c, sums);
    }
    __syncthreads();
  }
}
inline dim3 blocks_for_joined_columns(std::int64_t cols) { return blocks_for(cols, kJoinColumns); }

// Writes or adds a sum.
__device__ inline void put_sum(float* to, double sum, bool accumulate) {
  *to = static_cast<float>(accumulate ? static_cast<double>(*to) + sum : sum);
}

// A mean as the sum of two floats, and 1/std: x - m loses nothing where the mean is large.
struct Stats {
  float m;
  float rest;
  float rstd;

  __device__ Stats(double mean, double variance, float eps)
      : m(static_cast<float>(mean)),
        rest(static_cast<float>(mean - static_cast<double>(m))),
        rstd(static_cast<float>(1.0 / sqrt(variance + static_cast<double>(eps)))) {}
  __device__ Stats(const float* p, std::int64_t step) : m(p[0]), rest(p[step]), rstd(p[2 * step]) {}

  __device__ void put(float* p, std::int64_t step) const {
    p[0] = m;
    p[step] = rest;
    p[2 * step] = rstd;
  }
  __device__ float normal(float x) const { return ((x - m) - rest) * rstd; }
};

}  // namespace
}  // namespace nautile::NTL_TARGET
