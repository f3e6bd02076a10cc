// Meaning, shapes and error bounds: native/include/nautile/op/batch_norm.h
#pragma once

#include "nautile/channel_norm.hpp"

namespace nautile {

struct BatchNormForward {
  ChannelNormForward norm;
  float* running_mean;
  float* running_var;
  std::int64_t* batches;
  bool training;
  float momentum;

  // The weight of this batch in the running statistics: with a negative momentum they are averages over all batches.
  NTL_HOST_DEVICE double share(std::int64_t batch) const {
    return momentum < 0.0F ? 1.0 / static_cast<double>(batch) : static_cast<double>(momentum);
  }
};

struct BatchNormBackward {
  ChannelNormBackward norm;
};

inline bool fuses(const BatchNormForward&) { return true; }
inline std::int64_t tasks(const BatchNormForward& a) { return a.norm.shape.blocks(); }
inline std::int64_t tasks(const BatchNormBackward& a) { return a.norm.shape.blocks(); }
inline std::int64_t workspace(const BatchNormForward& a, std::int64_t) { return ChannelWork::bytes(a.norm.shape); }
inline std::int64_t workspace(const BatchNormBackward& a, std::int64_t) { return ChannelWork::bytes(a.norm.shape); }

}  // namespace nautile
