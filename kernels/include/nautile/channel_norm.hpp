// Pictures with their channels beside each other, normalised by channel or by group of channels: what batch_norm and
// group_norm share.
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// x [samples, rows, channels]. The mean and the variance are those of the channels / groups channels of a group in all rows
// of a sample.
struct ChannelShape {
  std::int64_t samples;
  std::int64_t rows;
  std::int64_t channels;
  std::int64_t groups;

  NTL_HOST_DEVICE std::int64_t per_group() const { return channels / groups; }

  // Rows whose sums one task makes.
  NTL_HOST_DEVICE std::int64_t block_rows() const {
    const std::int64_t rows_of_chunk = kChunk / (channels > 0 ? channels : 1);
    return rows_of_chunk < 64 ? 64 : rows_of_chunk > 256 ? 256 : rows_of_chunk;
  }
  NTL_HOST_DEVICE std::int64_t blocks() const { return ceil_div(rows, block_rows()); }  // of a sample
};

struct ChannelNormForward {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  float* stats;  // [samples, 3, channels]
  ChannelShape shape;
  float eps;
  bool relu = false;  // y is max(0, y); only in plans, of batch_norm
};

struct ChannelNormBackward {
  const float* x;
  const float* weight;
  const float* stats;
  const float* dy;
  float* dx;
  float* dweight;
  float* dbias;
  ChannelShape shape;
  bool measured;  // the statistics are x's own, so that dx has terms for them
  bool accumulate_dx;
  bool accumulate_dweight;
  bool accumulate_dbias;

  NTL_HOST_DEVICE bool needs_sums() const {
    return dweight != nullptr || dbias != nullptr || (dx != nullptr && measured);
  }
};

// Scratch memory: two sums by channel of each block [samples * blocks, 2, channels], these for each sample [samples, 2,
// channels], and what x or dy is multiplied with and the like [samples, 3, channels].
struct ChannelWork {
  double* parts;
  double* joined;
  float* factors;

  ChannelWork(const ChannelShape& s, std::byte* workspace)
      : parts(reinterpret_cast<double*>(workspace)),
        joined(parts + s.samples * s.blocks() * 2 * s.channels),
        factors(reinterpret_cast<float*>(joined + s.samples * 2 * s.channels)) {}

  static std::int64_t bytes(const ChannelShape& s) {
    const std::int64_t doubles = s.samples * (s.blocks() + 1) * 2 * s.channels;
    return doubles * static_cast<std::int64_t>(sizeof(double)) +
           s.samples * 3 * s.channels * static_cast<std::int64_t>(sizeof(float));
  }
};

}  // namespace nautile
