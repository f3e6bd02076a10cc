// Meaning, shapes and error bounds: native/include/nautile/op/clip_grad_norm.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct ClipGradNormStep {
  float* gradient;
  float* norm;
  std::int64_t size;
  float max_norm;
};

inline std::int64_t tasks(const ClipGradNormStep& a) { return chunks(a.size); }

// The sum of squares of each chunk, and on a GPU the factor.
inline std::int64_t workspace(const ClipGradNormStep& a, std::int64_t) {
  return (chunks(a.size) + 1) * static_cast<std::int64_t>(sizeof(double));
}

// What gradients are multiplied with if it is below 1, or NaN.
NTL_HOST_DEVICE inline float clip_factor(const ClipGradNormStep& a, float norm) { return a.max_norm / (norm + 1e-6F); }

}  // namespace nautile
