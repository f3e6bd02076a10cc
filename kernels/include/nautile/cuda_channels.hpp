// batch_norm and group_norm on a GPU. Sums by channel of 32 channels and one block of rows a thread block, these joined by
// sample, what each channel is multiplied with by a thread each, then the result by element. In double, but for the last.
#pragma once

#include <cmath>

#include "nautile/channel_norm.hpp"
#include "nautile/cuda_norm.hpp"

namespace nautile::NTL_TARGET {
namespace {

// parts, summed over the blocks of each sample. grid (groups of 32 channels, samples)
__global__ void __launch_bounds__(kThreads)
    channel_norm_join_blocks(ChannelShape s, const double* parts, double* joined) {
  NTL_SHARED(double, scratch, [kThreads]);
  for (std::int64_t sample = blockIdx.y; sample < s.samples; sample += gridDim.y) {
    for_columns(2 * s.channels, [&](std::int64_t c, int first) {
      const double* of_sample = parts + sample * s.blocks() * 2 * s.channels;
      const double sum = joined_parts(of_sample, s.blocks(), 2 * s.channels, c, first, scratch);
      if (c >= 0 && first == 0) joined[sample * 2 * s.channels + c] = sum;
    });
  }
}
inline void join_blocks(const ChannelShape& s, const ChannelWork& work, const Team& team) {
  NTL_LAUNCH(channel_norm_join_blocks, blocks_for_column_parts(2 * s.channels, s.samples), dim3(kThreads), 0,
             stream_of(team), s, work.parts, work.joined);
}

// What the sums of a group's elements are taken around, so that a large mean costs no digits: its first element.
__device__ inline double pivot(const float* x, const ChannelShape& s, std::int64_t sample, std::int64_t c) {
  return static_cast<double>(x[sample * s.rows * s.channels + c / s.per_group() * s.per_group()]);
}

__global__ void __launch_bounds__(kThreads) channel_norm_measure_by_block(ChannelNormForward a, double* parts) {
  NTL_SHARED(double, scratch, [kThreads]);
  const ChannelShape& s = a.shape;
  column_parts<2>(s.samples, s.rows, s.channels, s.block_rows(), parts, scratch,
                  [&](double* sums, std::int64_t r, std::int64_t c) {
                    const double d = static_cast<double>(a.x[r * s.channels + c]) - pivot(a.x, s, r / s.rows, c);
                    sums[0] += d;
                    sums[1] += d * d;
                  });
}
inline void measure(const ChannelNormForward& a, const ChannelWork& work, const Team& team) {
  const ChannelShape& s = a.shape;
  NTL_LAUNCH(channel_norm_measure_by_block, blocks_for_column_parts(s.channels, s.samples * s.blocks()), dim3(kThreads),
             0, stream_of(team), a, work.parts);
  join_blocks(s, work, team);
}

struct Moments {
  double mean;
  double squares;  // of the differences to the mean, summed up
};
__device__ inline Moments moments(const ChannelNormForward& a, const double* joined, std::int64_t sample,
                                  std::int64_t c) {
  const ChannelShape& s = a.shape;
  const std::int64_t begin = c / s.per_group() * s.per_group();
  double sum = 0.0;
  double squares = 0.0;
  for (std::int64_t i = begin; i < begin + s.per_group(); ++i) {
    sum += joined[sample * 2 * s.channels + i];
    squares += joined[(sample * 2 + 1) * s.channels + i];
  }
  const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
  const double around = squares - sum * sum / n;
  return {pivot(a.x, s, sample, c) + sum / n, around < 0.0 ? 0.0 : around};
}

// Keeps the statistics for a channel, and what normalise() needs.
__device__ inline void keep(const ChannelNormForward& a, float* factors, std::int64_t sample, std::int64_t c,
                            double mean, double variance) {
  const std::int64_t channels = a.shape.channels;
  const Stats stats(mean, variance, a.eps);
  stats.put(a.stats + sample * 3 * channels + c, channels);
  const float scale = a.weight == nullptr ? stats.rstd : stats.rstd * a.weight[c];
  float* to = factors + sample * 3 * channels + c;
  to[0] = scale;
  to[channels] = (a.bias == nullptr ? 0.0F : a.bias[c]) - stats.rest * scale;
}

__global__ void __launch_bounds__(kThreads)
    channel_norm_normalise_by_element(ChannelNormForward a, const float* factors) {
  const std::int64_t channels = a.shape.channels;
  for_items(a.shape.samples * a.shape.rows * channels, [&](std::int64_t i) {
    const std::int64_t at = i / (a.shape.rows * channels) * 3 * channels + i % channels;
    a.y[i] = (a.x[i] - a.stats[at]) * factors[at] + factors[at + channels];
  });
}
inline void normalise(const ChannelNormForward& a, const ChannelWork& work, const Team& team) {
  NTL_LAUNCH(channel_norm_normalise_by_element, blocks_for(a.shape.samples * a.shape.rows * a.shape.channels, kThreads),
             dim3(kThreads), 0, stream_of(team), a, work.factors);
}

__global__ void __launch_bounds__(kThreads) channel_norm_backward_sum_by_block(ChannelNormBackward a, double* parts) {
  NTL_SHARED(double, scratch, [kThreads]);
  const ChannelShape& s = a.shape;
  column_parts<2>(s.samples, s.rows, s.channels, s.block_rows(), parts, scratch,
                  [&](double* sums, std::int64_t r, std::int64_t c) {
                    const Stats stats(a.stats + r / s.rows * 3 * s.channels + c, s.channels);
                    const float g = a.dy[r * s.channels + c];
                    sums[0] += static_cast<double>(g);
                    sums[1] += static_cast<double>(g * stats.normal(a.x[r * s.channels + c]));
                  });
}

// dx = dy scale - (x - m) slope + shift
__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_factors(ChannelNormBackward a, const double* joined, float* factors) {
  const ChannelShape& s = a.shape;
  for_items(s.samples * s.channels, [&](std::int64_t i) {
    const std::int64_t sample = i / s.channels;
    const std::int64_t c = i % s.channels;
    const Stats stats(a.stats + sample * 3 * s.channels + c, s.channels);
    double sum = 0.0;
    double product = 0.0;
    if (a.measured) {
      const std::int64_t begin = c / s.per_group() * s.per_group();
      for (std::int64_t k = begin; k < begin + s.per_group(); ++k) {
        const double w = a.weight == nullptr ? 1.0 : static_cast<double>(a.weight[k]);
        sum += w * joined[sample * 2 * s.channels + k];
        product += w * joined[(sample * 2 + 1) * s.channels + k];
      }
    }
    const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
    const auto r = static_cast<double>(stats.rstd);
    float* to = factors + sample * 3 * s.channels + c;
    to[0] = a.weight == nullptr ? stats.rstd : stats.rstd * a.weight[c];
    to[s.channels] = static_cast<float>(r * r * product / n);
    to[2 * s.channels] = static_cast<float>(r * (r * product * static_cast<double>(stats.rest) - sum) / n);
  });
}

__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_by_element(ChannelNormBackward a, const float* factors) {
  const std::int64_t channels = a.shape.channels;
  for_items(a.shape.samples * a.shape.rows * channels, [&](std::int64_t i) {
    const std::int64_t at = i / (a.shape.rows * channels) * 3 * channels + i % channels;
    const float far = a.x[i] - a.stats[at];
    const float d = a.dy[i] * factors[at] + (factors[at + 2 * channels] - far * factors[at + channels]);
    a.dx[i] = a.accumulate_dx ? a.dx[i] + d : d;
  });
}

__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_by_channel(ChannelNormBackward a, const double* joined) {
  const ChannelShape& s = a.shape;
  for_items(s.channels, [&](std::int64_t c) {
    double sum = 0.0;
    double product = 0.0;
    for (std::int64_t sample = 0; sample < s.samples; ++sample) {
      sum += joined[sample * 2 * s.channels + c];
      product += joined[(sample * 2 + 1) * s.channels + c];
    }
    if (a.dweight != nullptr) put_sum(a.dweight + c, product, a.accumulate_dweight);
    if (a.dbias != nullptr) put_sum(a.dbias + c, sum, a.accumulate_dbias);
  });
}

inline void channel_norm_backward(const ChannelNormBackward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.shape;
  const ChannelWork work(s, workspace);
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  if (a.needs_sums()) {
    NTL_LAUNCH(channel_norm_backward_sum_by_block, blocks_for_column_parts(s.channels, s.samples * s.blocks()), threads,
               0, stream, a, work.parts);
    join_blocks(s, work, team);
  }
  if (a.dx != nullptr) {
    NTL_LAUNCH(channel_norm_backward_factors, blocks_for(s.samples * s.channels, kThreads), threads, 0, stream, a,
               work.joined, work.factors);
    NTL_LAUNCH(channel_norm_backward_by_element, blocks_for(s.samples * s.rows * s.channels, kThreads), threads, 0,
               stream, a, work.factors);
  }
  if (a.dweight != nullptr || a.dbias != nullptr) {
    NTL_LAUNCH(channel_norm_backward_by_channel, blocks_for(s.channels, kThreads), threads, 0, stream, a, work.joined);
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
