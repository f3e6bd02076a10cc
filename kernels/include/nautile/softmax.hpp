// Meaning, shapes and error bounds: native/include/nautile/op/softmax.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct SoftmaxForward {
  const float* x;
  float* y;
  std::int64_t rows;
  std::int64_t cols;
};

struct SoftmaxBackward {
  const float* y;
  const float* dy;
  float* dx;
  std::int64_t rows;
  std::int64_t cols;
  bool accumulate;
};

inline std::int64_t tasks(const SoftmaxForward& a) { return row_tasks(a.rows, a.cols); }
inline std::int64_t tasks(const SoftmaxBackward& a) { return row_tasks(a.rows, a.cols); }

}  // namespace nautile
