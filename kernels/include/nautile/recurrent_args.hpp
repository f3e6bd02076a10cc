// The arguments of the recurrent layers on any target: lstm, gru and rnn have the same, each a type of its own. Meaning,
// shapes and error bounds: native/include/nautile/op/lstm.h, gru.h, rnn.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct RecurrentForward {
  const float* x;
  const float* weight_ih;
  const float* weight_hh;
  const float* bias_ih;         // null with bias_hh: none
  const float* bias_hh;         //
  const float* h0;              // null: zeros
  const float* c0;              // null: zeros
  const std::int64_t* lengths;  // null: all sequences have all steps
  float* y;                     // null: not wanted
  float* hn;
  float* cn;
  float* gates;  // for the backward pass; null: not wanted
  float* cells;  // as gates
  std::int64_t steps;
  std::int64_t batch;
  std::int64_t inputs;
  std::int64_t hidden;
  bool reverse;
  bool relu;
};

struct RecurrentBackward {
  const float* x;
  const float* weight_ih;
  const float* weight_hh;
  const float* h0;
  const float* c0;
  const std::int64_t* lengths;
  const float* y;
  const float* gates;
  const float* cells;
  const float* dy;   // null: zeros
  const float* dhn;  // null: zeros
  const float* dcn;  // null: zeros
  float* dx;         // this and what follows: null if not wanted
  float* dweight_ih;
  float* dweight_hh;
  float* dbias_ih;
  float* dbias_hh;
  float* dh0;
  float* dc0;
  std::int64_t steps;
  std::int64_t batch;
  std::int64_t inputs;
  std::int64_t hidden;
  bool reverse;
  bool relu;
  std::int32_t accumulate;  // bit i: the i-th of the gradients, from dx on, is added to
};

inline double recurrent_flops(const RecurrentForward& a, std::int64_t gates) {
  return flops_of(a.steps * a.batch, gates * a.hidden, a.inputs + a.hidden);
}
// The gradients by the state, the weights and, if wanted, the inputs.
inline double recurrent_flops(const RecurrentBackward& a, std::int64_t gates) {
  const std::int64_t inputs = a.dx != nullptr ? 2 * a.inputs : a.inputs;
  return flops_of(a.steps * a.batch, gates * a.hidden, inputs + 2 * a.hidden);
}

enum RecurrentGradient { kDx, kDweightIh, kDweightHh, kDbiasIh, kDbiasHh, kDh0, kDc0 };

NTL_HOST_DEVICE inline bool accumulates(const RecurrentBackward& a, RecurrentGradient gradient) {
  return (a.accumulate >> gradient & 1) != 0;
}

// The time of the s-th step.
NTL_HOST_DEVICE constexpr std::int64_t time_of(std::int64_t s, std::int64_t steps, bool reverse) {
  return reverse ? steps - 1 - s : s;
}

}  // namespace nautile
