// Meaning, shapes and error bounds: native/include/nautile/op/activation.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class Activation : std::int32_t { linear, relu, leaky_relu, elu, sigmoid, tanh, swish, gelu, gelu_tanh, softplus };

struct ActivationForward {
  const float* x;
  float* y;
  std::int64_t size;
  Activation function;
  float alpha;
};

struct ActivationBackward {
  const float* x;
  const float* y;
  const float* dy;
  float* dx;
  std::int64_t size;
  Activation function;
  float alpha;
  bool accumulate;
};

inline std::int64_t tasks(const ActivationForward& a) { return chunks(a.size); }
inline std::int64_t tasks(const ActivationBackward& a) { return chunks(a.size); }

}  // namespace nautile
