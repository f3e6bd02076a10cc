// Meaning, shapes and error bounds: native/include/nautile/op/log_softmax.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct LogSoftmaxForward {
  const float* x;
  float* y;
  std::int64_t rows;
  std::int64_t cols;
};

struct LogSoftmaxBackward {
  const float* y;
  const float* dy;
  float* dx;
  std::int64_t rows;
  std::int64_t cols;
  bool accumulate;
};

inline std::int64_t tasks(const LogSoftmaxForward& a) { return row_tasks(a.rows, a.cols); }
inline std::int64_t tasks(const LogSoftmaxBackward& a) { return row_tasks(a.rows, a.cols); }

}  // namespace nautile
