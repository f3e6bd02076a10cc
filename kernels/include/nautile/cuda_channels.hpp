// batch_norm and group_norm on a GPU. Sums by channel, of up to 128 channels and one block of rows a thread block; these joined
// by a warp or a block for each group of channels, or a block for eight channels that are a group each, which makes of them what
// each channel is multiplied with; then the result, four channels and four rows a thread. In double, but for the last and, in
// the backward pass, sums of four rows.
#pragma once

#include <cmath>

#include "nautile/channel_norm.hpp"
#include "nautile/cuda_norm.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Launches kernel<kAligned>(...), whose last argument is how many threads lie side by side.
#define NTL_LAUNCH_CHANNELS(kernel, grid, shape, team, aligned, ...)                               \
  do {                                                                                             \
    const int across_ = threads_across((shape).channels);                                          \
    if (aligned) {                                                                                 \
      NTL_LAUNCH((kernel<true>), grid, dim3(kThreads), 0, stream_of(team), __VA_ARGS__, across_);  \
    } else {                                                                                       \
      NTL_LAUNCH((kernel<false>), grid, dim3(kThreads), 0, stream_of(team), __VA_ARGS__, across_); \
    }                                                                                              \
  } while (false)

// ------------------------------------------------------------------------------------------------ sums

// What the sums of a group's elements are taken around, so that a large mean costs no digits: its first element.
__device__ inline double pivot(const float* x, const ChannelShape& s, std::int64_t sample, std::int64_t c) {
  return static_cast<double>(x[sample * s.rows * s.channels + c / s.per_group() * s.per_group()]);
}

// `batches`: where a batch is counted, if at all.
template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    channel_norm_measure_by_block(ChannelNormForward a, std::int64_t* batches, double* parts, int across) {
  NTL_SHARED(double, scratch, [kColumnScratch<2>]);
  if (batches != nullptr && blockIdx.x == 0 && blockIdx.y == 0 && threadIdx.x == 0) ++*batches;
  const ChannelShape& s = a.shape;
  column_parts<2>(s.samples, s.rows, s.channels, s.block_rows(), across, parts, scratch,
                  [&](std::int64_t sample, std::int64_t c) {
                    double pivots[kFour] = {};
                    NTL_UNROLL
                    for (int k = 0; k < kFour; ++k) {
                      if (c + k < s.channels) pivots[k] = pivot(a.x, s, sample, c + k);
                    }
                    return [&a, c, pivots](RunSums<2>& sums, std::int64_t r) {
                      const std::int64_t channels = a.shape.channels;
                      const Run x = load_run<kAligned>(a.x + r * channels + c, channels - c);
                      NTL_UNROLL
                      for (int k = 0; k < kFour; ++k) {
                        const double d = static_cast<double>(x.v[k]) - pivots[k];
                        sums[0][k] += d;
                        sums[1][k] = fma(d, d, sums[1][k]);
                      }
                    };
                  });
}
inline void measure(const ChannelNormForward& a, std::int64_t* batches, const ChannelWork& work, const Team& team) {
  const ChannelShape& s = a.shape;
  const std::int64_t blocks = s.samples * s.blocks();
  NTL_LAUNCH_CHANNELS(channel_norm_measure_by_block, blocks_for_column_parts(s.channels, blocks > 0 ? blocks : 1), s,
                      team, aligned_rows(s.channels, a.x), a, batches, work.parts);
}

// Two sums, of the parts of `channels` channels from c on in `blocks` blocks from `block` on, for every thread of a group;
// the terms are multiplied with the channels' weights, if there are any.
struct Sums {
  double first;
  double second;
};
template <int kGroup>
__device__ Sums joined_parts(const ChannelShape& s, const double* parts, std::int64_t block, std::int64_t blocks,
                             std::int64_t c, std::int64_t channels, const float* weight, int member, double* scratch) {
  Sums sums{0.0, 0.0};
  NTL_UNROLL_BY(4)
  for (std::int64_t i = member; i < blocks * channels; i += kGroup) {
    const std::int64_t b = channels == 1 ? i : i / channels;
    const std::int64_t channel = c + (i - b * channels);
    const double w = weight == nullptr ? 1.0 : static_cast<double>(weight[channel]);
    const double* part = parts + (block + b) * 2 * s.channels + channel;
    sums.first = fma(w, part[0], sums.first);
    sums.second = fma(w, part[s.channels], sums.second);
  }
  return {join_group<kGroup>(sums.first, Add{}, scratch), join_group<kGroup>(sums.second, Add{}, scratch)};
}
// Whether a warp is enough to join so many parts.
inline bool few_parts(std::int64_t parts) { return parts <= kWarpCols; }

// ------------------------------------------------------------------------------------------------ forward

struct Moments {
  double mean;
  double squares;  // of the differences to the mean, summed up
};
__device__ inline Moments moments(const ChannelNormForward& a, std::int64_t sample, std::int64_t c, const Sums& sums) {
  const ChannelShape& s = a.shape;
  const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
  const double around = sums.second - sums.first * sums.first / n;
  return {pivot(a.x, s, sample, c) + sums.first / n, around < 0.0 ? 0.0 : around};
}
template <int kGroup>
__device__ Moments moments(const ChannelNormForward& a, const double* parts, std::int64_t sample, std::int64_t c,
                           int member, double* scratch) {
  const ChannelShape& s = a.shape;
  return moments(
      a, sample, c,
      joined_parts<kGroup>(s, parts, sample * s.blocks(), s.blocks(), c, s.per_group(), nullptr, member, scratch));
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
  to[channels] = fmaf(-stats.rest, scale, a.bias == nullptr ? 0.0F : a.bias[c]);
}

// f(sample, c, row, below): the rows row, row + below, ... of a thread, kRowTurns of them, in four channels from c on. A row
// is counted in its sample, and may be beyond it.
constexpr int kRowTurns = 4;
template <typename F>
__device__ void for_channels(const ChannelShape& s, int across, F&& f) {
  const int below = kThreads / across;
  const std::int64_t blocks = ceil_div(s.rows, std::int64_t{kRowTurns} * below);
  const std::int64_t width = std::int64_t{kFour} * across;
  const auto member = static_cast<int>(threadIdx.x);
  for (std::int64_t c = blockIdx.x * width + member % across * kFour; c < s.channels; c += gridDim.x * width) {
    for (std::int64_t block = blockIdx.y; block < s.samples * blocks; block += gridDim.y) {
      const std::int64_t sample = block / blocks;
      f(sample, c, (block - sample * blocks) * kRowTurns * below + member / across, below);
    }
  }
}
inline dim3 blocks_for_channels(const ChannelShape& s) {
  const std::int64_t below = kThreads / threads_across(s.channels);
  return blocks_for_column_parts(s.channels, s.samples * ceil_div(s.rows, kRowTurns * below));
}

template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    channel_norm_normalise_by_run(ChannelNormForward a, const float* factors, int across) {
  const ChannelShape& s = a.shape;
  for_channels(s, across, [&](std::int64_t sample, std::int64_t c, std::int64_t row, int below) {
    const std::int64_t valid = s.channels - c;
    Run x[kRowTurns] = {};
    NTL_UNROLL
    for (int t = 0; t < kRowTurns; ++t) {
      const std::int64_t r = row + t * below;
      if (r < s.rows) x[t] = load_run<kAligned>(a.x + (sample * s.rows + r) * s.channels + c, valid);
    }
    const Run m = load_run<kAligned>(a.stats + sample * 3 * s.channels + c, valid);
    const Run scale = load_run<kAligned>(factors + sample * 3 * s.channels + c, valid);
    const Run shift = load_run<kAligned>(factors + (sample * 3 + 1) * s.channels + c, valid);
    NTL_UNROLL
    for (int t = 0; t < kRowTurns; ++t) {
      const std::int64_t r = row + t * below;
      NTL_UNROLL
      for (int k = 0; k < kFour; ++k) {
        const float y = fmaf(x[t].v[k] - m.v[k], scale.v[k], shift.v[k]);
        x[t].v[k] = a.relu && y <= 0.0F ? 0.0F : y;
      }
      if (r < s.rows) store_run<kAligned>(a.y + (sample * s.rows + r) * s.channels + c, valid, x[t]);
    }
  });
}
inline void normalise(const ChannelNormForward& a, const ChannelWork& work, const Team& team) {
  NTL_LAUNCH_CHANNELS(channel_norm_normalise_by_run, blocks_for_channels(a.shape), a.shape, team,
                      aligned_rows(a.shape.channels, a.x, a.y, a.stats, work.factors), a, work.factors);
}

// ------------------------------------------------------------------------------------------------ backward

template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_sum_by_block(ChannelNormBackward a, double* parts, int across) {
  NTL_SHARED(double, scratch, [kColumnScratch<2>]);
  const ChannelShape& s = a.shape;
  column_parts<2, float>(s.samples, s.rows, s.channels, s.block_rows(), across, parts, scratch,
                         [&](std::int64_t sample, std::int64_t c) {
                           const std::int64_t valid = s.channels - c;
                           const float* stats = a.stats + sample * 3 * s.channels + c;
                           const Run m = load_run<kAligned>(stats, valid);
                           const Run rest = load_run<kAligned>(stats + s.channels, valid);
                           const Run rstd = load_run<kAligned>(stats + 2 * s.channels, valid);
                           return [&a, c, valid, m, rest, rstd](RunSums<2, float>& sums, std::int64_t r) {
                             const std::int64_t at = r * a.shape.channels + c;
                             const Run x = load_run<kAligned>(a.x + at, valid);
                             const Run g = load_run<kAligned>(a.dy + at, valid);
                             NTL_UNROLL
                             for (int k = 0; k < kFour; ++k) {
                               const float normal = ((x.v[k] - m.v[k]) - rest.v[k]) * rstd.v[k];
                               sums[0][k] += g.v[k];
                               sums[1][k] = fmaf(g.v[k], normal, sums[1][k]);
                             }
                           };
                         });
}

// dx = dy scale - (x - m) slope + shift: the factors of a channel, of the sums of its group's n elements.
__device__ inline void put_factors(const ChannelNormBackward& a, float* factors, std::int64_t sample, std::int64_t c,
                                   const Sums& sums, double n) {
  const std::int64_t channels = a.shape.channels;
  const Stats stats(a.stats + sample * 3 * channels + c, channels);
  const auto r = static_cast<double>(stats.rstd);
  float* to = factors + sample * 3 * channels + c;
  to[0] = a.weight == nullptr ? stats.rstd : stats.rstd * a.weight[c];
  to[channels] = static_cast<float>(r * r * sums.second / n);
  to[2 * channels] = static_cast<float>(r * (r * sums.second * static_cast<double>(stats.rest) - sums.first) / n);
}
template <int kGroup>
__device__ void backward_factors(const ChannelNormBackward& a, const double* parts, std::int64_t item, float* factors,
                                 int member, double* scratch) {
  const ChannelShape& s = a.shape;
  const std::int64_t sample = item / s.groups;
  const std::int64_t begin = (item - sample * s.groups) * s.per_group();
  Sums sums{0.0, 0.0};
  if (a.measured) {
    sums = joined_parts<kGroup>(s, parts, sample * s.blocks(), s.blocks(), begin, s.per_group(), a.weight, member,
                                scratch);
  }
  const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
  for (std::int64_t c = begin + member; c < begin + s.per_group(); c += kGroup) {
    put_factors(a, factors, sample, c, sums, n);
  }
}

__device__ inline void put_sums(const ChannelNormBackward& a, std::int64_t c, const Sums& sums) {
  if (a.dweight != nullptr) put_sum(a.dweight + c, sums.second, a.accumulate_dweight);
  if (a.dbias != nullptr) put_sum(a.dbias + c, sums.first, a.accumulate_dbias);
}

// A group of threads for each group of channels of a sample: the factors of dx. Then one for each channel: dweight, dbias.
template <int kGroup>
__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_join_parts(ChannelNormBackward a, const double* parts, float* factors) {
  NTL_SHARED(double, scratch, [kWarps]);
  const ChannelShape& s = a.shape;
  const std::int64_t groups = s.samples * s.groups;
  for_rows<kGroup>(groups + s.channels, [&](std::int64_t item, int member) {
    if (item < groups) {
      if (a.dx != nullptr) backward_factors<kGroup>(a, parts, item, factors, member, scratch);
      return;
    }
    if (a.dweight == nullptr && a.dbias == nullptr) return;
    const std::int64_t c = item - groups;
    const Sums sums = joined_parts<kGroup>(s, parts, 0, s.samples * s.blocks(), c, 1, nullptr, member, scratch);
    if (member == 0) put_sums(a, c, sums);
  });
}

// The same where each channel is a group and there is one sample: every sum is needed once. `blocks` is 0 where none is.
__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_join_columns(ChannelNormBackward a, const double* parts, std::int64_t blocks,
                                       float* factors) {
  NTL_SHARED(double, scratch, [kJoinScratch<2>]);
  for_joined_columns<2>(parts, blocks, a.shape.channels, scratch, [&](std::int64_t c, const double(&joined)[2]) {
    put_sums(a, c, {joined[0], joined[1]});
    if (a.dx == nullptr) return;
    const double weight = a.weight == nullptr ? 1.0 : static_cast<double>(a.weight[c]);
    const Sums sums = a.measured ? Sums{weight * joined[0], weight * joined[1]} : Sums{0.0, 0.0};
    put_factors(a, factors, 0, c, sums, static_cast<double>(a.shape.rows));
  });
}

template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    channel_norm_backward_by_run(ChannelNormBackward a, const float* factors, int across) {
  const ChannelShape& s = a.shape;
  for_channels(s, across, [&](std::int64_t sample, std::int64_t c, std::int64_t row, int below) {
    const std::int64_t valid = s.channels - c;
    Run x[kRowTurns] = {};
    Run g[kRowTurns] = {};
    NTL_UNROLL
    for (int t = 0; t < kRowTurns; ++t) {
      const std::int64_t r = row + t * below;
      const std::int64_t at = (sample * s.rows + r) * s.channels + c;
      if (r >= s.rows) continue;
      x[t] = load_run<kAligned>(a.x + at, valid);
      g[t] = load_run<kAligned>(a.dy + at, valid);
    }
    const Run m = load_run<kAligned>(a.stats + sample * 3 * s.channels + c, valid);
    const float* of_sample = factors + sample * 3 * s.channels + c;
    const Run scale = load_run<kAligned>(of_sample, valid);
    const Run slope = load_run<kAligned>(of_sample + s.channels, valid);
    const Run shift = load_run<kAligned>(of_sample + 2 * s.channels, valid);
    NTL_UNROLL
    for (int t = 0; t < kRowTurns; ++t) {
      const std::int64_t r = row + t * below;
      const std::int64_t at = (sample * s.rows + r) * s.channels + c;
      if (r >= s.rows) continue;
      const Run before = a.accumulate_dx ? load_run<kAligned>(a.dx + at, valid) : Run{};
      NTL_UNROLL
      for (int k = 0; k < kFour; ++k) {
        const float rest = fmaf(-(x[t].v[k] - m.v[k]), slope.v[k], shift.v[k]);
        g[t].v[k] = before.v[k] + fmaf(g[t].v[k], scale.v[k], rest);
      }
      store_run<kAligned>(a.dx + at, valid, g[t]);
    }
  });
}

inline void channel_norm_backward(const ChannelNormBackward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.shape;
  const ChannelWork work(s, workspace);
  const std::int64_t blocks = s.samples * s.blocks();
  if (a.needs_sums()) {
    NTL_LAUNCH_CHANNELS(channel_norm_backward_sum_by_block, blocks_for_column_parts(s.channels, blocks), s, team,
                        aligned_rows(s.channels, a.x, a.dy, a.stats), a, work.parts);
  }
  const std::int64_t items = s.samples * s.groups + s.channels;
  if (s.samples == 1 && s.groups == s.channels) {
    NTL_LAUNCH(channel_norm_backward_join_columns, blocks_for_joined_columns(s.channels), dim3(kThreads), 0,
               stream_of(team), a, work.parts, a.needs_sums() ? blocks : 0, work.factors);
  } else if (few_parts(blocks) && few_parts(s.blocks() * s.per_group())) {
    NTL_LAUNCH((channel_norm_backward_join_parts<kWarp>), blocks_for_rows(items, true), dim3(kThreads), 0,
               stream_of(team), a, work.parts, work.factors);
  } else {
    NTL_LAUNCH((channel_norm_backward_join_parts<kThreads>), blocks_for_rows(items, false), dim3(kThreads), 0,
               stream_of(team), a, work.parts, work.factors);
  }
  if (a.dx == nullptr) return;
  NTL_LAUNCH_CHANNELS(channel_norm_backward_by_run, blocks_for_channels(s), s, team,
                      aligned_rows(s.channels, a.x, a.dy, a.dx, a.stats, work.factors), a, work.factors);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
