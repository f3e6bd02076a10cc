// A unit of a recurrent layer at one step, as the cells of lstm, gru and rnn on CUDA see it.
#pragma once

#include <cmath>
#include <cstdint>

#include "nautile/cuda.hpp"

namespace nautile::NTL_TARGET {
namespace {

__device__ inline float sigmoid(float x) { return 1.0F / (1.0F + expf(-x)); }
__device__ inline float value_or_zero(const float* p, std::int64_t i) { return p == nullptr ? 0.0F : p[i]; }

// A unit at one step; those of one gate are `hidden` apart from those of the next.
struct ForwardUnit {
  float* gates;        // the inputs' shares, which become the gates
  const float* state;  // the state's shares
  std::int64_t hidden;
  float h_before;
  float* c;
  bool relu;
};
struct BackwardUnit {
  const float* gates;
  std::int64_t hidden;
  float y;
  float h_before;
  float c;
  float c_before;
  float dh;  // by the state after this step
  float* dgates;
  float* dc;  // by the cells after this step, becomes the one by the cells before
  bool relu;
};

}  // namespace
}  // namespace nautile::NTL_TARGET
