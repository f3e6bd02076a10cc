// What the normalising kernels share: sums down the columns of a matrix in two stages, and a mean in two parts.
#pragma once

#include "nautile/cuda_group.hpp"

namespace nautile::NTL_TARGET {
namespace {

// First stage, grid (groups of 32 columns, blocks of rows, which each lie in one sample [rows, cols]): add(sums, r, c) adds
// the terms of an element, r counted from the first sample on; the sums of column c go to parts [samples * blocks][kSums]
// [cols]. `scratch` is shared memory for kThreads values. In double.
template <int kSums, typename F>
__device__ void column_parts(std::int64_t samples, std::int64_t rows, std::int64_t cols, std::int64_t rows_per_block,
                             double* parts, double* scratch, F&& add) {
  const std::int64_t blocks = ceil_div(rows, rows_per_block);
  for_columns(cols, [&](std::int64_t c, int first) {
    for (std::int64_t block = blockIdx.y; block < samples * blocks; block += gridDim.y) {
      const std::int64_t before = block / blocks * rows;
      const std::int64_t begin = block % blocks * rows_per_block;
      const std::int64_t end = begin + rows_per_block < rows ? begin + rows_per_block : rows;
      double sums[kSums] = {};
      for (std::int64_t r = begin + first; c >= 0 && r < end; r += kWarps) add(sums, before + r, c);
      for (int s = 0; s < kSums; ++s) {
        const double sum = join_column(sums[s], Add{}, scratch);
        if (c >= 0 && first == 0) parts[(block * kSums + s) * cols + c] = sum;
      }
    }
  });
}
inline dim3 blocks_for_column_parts(std::int64_t cols, std::int64_t row_blocks) {
  dim3 grid = blocks_for_columns(cols);
  grid.y = static_cast<unsigned>(row_blocks < 65535 ? row_blocks : 65535);
  return grid;
}

// Second stage: the sum of the parts of column c, for each of the threads of that column; `first` is the thread's number
// among them.
__device__ inline double joined_parts(const double* parts, std::int64_t blocks, std::int64_t stride, std::int64_t c,
                                      int first, double* scratch) {
  double sum = 0.0;
  for (std::int64_t b = first; c >= 0 && b < blocks; b += kWarps) sum += parts[b * stride + c];
  return join_column(sum, Add{}, scratch);
}

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
