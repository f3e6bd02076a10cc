// Meaning, shapes and error bounds: native/include/nautile/op/attention.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// Where the element (batch, head, row, column) of an array lies; columns follow one another.
struct HeadStrides {
  std::int64_t batch;
  std::int64_t head;
  std::int64_t row;

  NTL_HOST_DEVICE constexpr std::int64_t place(std::int64_t b, std::int64_t h, std::int64_t r) const {
    return b * batch + h * head + r * row;
  }
};

struct AttentionForward {
  const float* q;
  const float* k;
  const float* v;
  const std::uint8_t* mask;
  float* y;
  float* norms;
  std::int64_t batch;
  std::int64_t heads;
  std::int64_t queries;
  std::int64_t keys;
  std::int64_t depth;
  std::int64_t width;
  HeadStrides q_strides;
  HeadStrides k_strides;
  HeadStrides v_strides;
  HeadStrides y_strides;
  float scale;
  bool causal;
};

struct AttentionBackward {
  const float* q;
  const float* k;
  const float* v;
  const std::uint8_t* mask;
  const float* y;
  const float* norms;
  const float* dy;
  float* dq;
  float* dk;
  float* dv;
  std::int64_t batch;
  std::int64_t heads;
  std::int64_t queries;
  std::int64_t keys;
  std::int64_t depth;
  std::int64_t width;
  HeadStrides q_strides;
  HeadStrides k_strides;
  HeadStrides v_strides;
  HeadStrides y_strides;  // of dy, too
  HeadStrides dq_strides;
  HeadStrides dk_strides;
  HeadStrides dv_strides;
  float scale;
  bool causal;
  bool accumulate_dq;
  bool accumulate_dk;
  bool accumulate_dv;
};

// All pairs, also where a mask or causality leaves some out.
inline double flops(const AttentionForward& a) {
  return static_cast<double>(a.batch * a.heads) * flops_of(a.queries, a.keys, a.depth + a.width);
}
inline double flops(const AttentionBackward& a) {
  return static_cast<double>(a.batch * a.heads) * flops_of(a.queries, a.keys, 3 * a.depth + 2 * a.width);
}

namespace NTL_TARGET {
std::int64_t tasks(const AttentionForward& args);
std::int64_t tasks(const AttentionBackward& args);
// On cpu, for each member: 256 queries, 128 values and a tile of scores; it does not grow with the keys. Backward 128 queries, keys,
// values and gradients by y, as rows and as columns, two tiles, and a number for each query; if heads are few, copies of dq that
// are added up. On CUDA, where blocks are few, up to 8 copies of each result that are added up.
std::int64_t workspace(const AttentionForward& args, std::int64_t team_size);
std::int64_t workspace(const AttentionBackward& args, std::int64_t team_size);
}  // namespace NTL_TARGET

}  // namespace nautile
