// Meaning, shapes and error bounds: native/include/nautile/op/unary.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class Unary : std::int32_t { exp, log, sqrt, rsqrt, abs, neg, square, reciprocal, sin, cos, sign, floor, clamp };

struct UnaryForward {
  const float* x;
  float* y;
  std::int64_t size;
  Unary function;
  float low;
  float high;
};

struct UnaryBackward {
  const float* x;
  const float* y;
  const float* dy;
  float* dx;
  std::int64_t size;
  Unary function;
  float low;
  float high;
  bool accumulate;
};

inline std::int64_t tasks(const UnaryForward& a) { return chunks(a.size); }
inline std::int64_t tasks(const UnaryBackward& a) { return chunks(a.size); }

}  // namespace nautile
