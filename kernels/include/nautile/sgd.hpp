// Meaning, shapes and error bounds: native/include/nautile/op/sgd.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct SgdStep {
  float* parameter;
  const float* gradient;
  float* momentum_buffer;
  std::int64_t size;
  float lr;
  float momentum;
  float dampening;
  float weight_decay;
  bool nesterov;
  bool first;
};

inline std::int64_t tasks(const SgdStep& a) { return chunks(a.size); }

}  // namespace nautile
