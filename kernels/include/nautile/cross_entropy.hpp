// Meaning, shapes and error bounds: native/include/nautile/op/cross_entropy.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class LossReduction : std::int32_t { none, mean, sum };

struct CrossEntropyForward {
  const float* x;
  const std::int64_t* target;
  float* loss;
  float* lse;
  std::int64_t rows;
  std::int64_t classes;
  float label_smoothing;
  std::int64_t ignore_index;
  LossReduction reduction;
};

struct CrossEntropyBackward {
  const float* x;
  const std::int64_t* target;
  const float* lse;
  const float* dloss;
  float* dx;
  std::int64_t rows;
  std::int64_t classes;
  float label_smoothing;
  std::int64_t ignore_index;
  LossReduction reduction;
  bool accumulate;
};

inline std::int64_t tasks(const CrossEntropyForward& a) { return row_tasks(a.rows, a.classes); }
inline std::int64_t tasks(const CrossEntropyBackward& a) { return row_tasks(a.rows, a.classes); }

// The loss of each row, in double, until they are added up.
inline std::int64_t workspace(const CrossEntropyForward& a, std::int64_t) {
  return a.rows * static_cast<std::int64_t>(sizeof(double));
}

// The number of rows that count in a mean, for threads that cannot each count them.
inline std::int64_t workspace(const CrossEntropyBackward&, std::int64_t) { return sizeof(std::int64_t); }

}  // namespace nautile
