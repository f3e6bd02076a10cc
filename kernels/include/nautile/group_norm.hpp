// Meaning, shapes and error bounds: native/include/nautile/op/group_norm.h
#pragma once

#include "nautile/channel_norm.hpp"

namespace nautile {

struct GroupNormForward {
  ChannelNormForward norm;
};

struct GroupNormBackward {
  ChannelNormBackward norm;
};

inline std::int64_t tasks(const GroupNormForward& a) { return a.norm.shape.samples * a.norm.shape.blocks(); }
inline std::int64_t tasks(const GroupNormBackward& a) { return a.norm.shape.samples * a.norm.shape.blocks(); }
inline std::int64_t workspace(const GroupNormForward& a, std::int64_t) { return ChannelWork::bytes(a.norm.shape); }
inline std::int64_t workspace(const GroupNormBackward& a, std::int64_t) { return ChannelWork::bytes(a.norm.shape); }

}  // namespace nautile
