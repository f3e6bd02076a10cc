// Meaning, shapes and error bounds: native/include/nautile/op/cross_entropy.h
#pragma once

#include "nautile/kernel.hpp"
#include "nautile/loss_reduction.hpp"

namespace nautile {

struct CrossEntropyForward {
  const float* x;
  const std::int64_t* labels;  // null: probabilities are given
  const float* probabilities;
  const float* weight;  // null: 1
  float* loss;
  float* saved;
  std::int64_t rows;
  std::int64_t classes;
  float label_smoothing;
  std::int64_t ignore_index;
  bool log_probabilities;
  LossReduction reduction;
};

struct CrossEntropyBackward {
  const float* x;
  const std::int64_t* labels;
  const float* probabilities;
  const float* weight;
  const float* saved;
  const float* dloss;
  float* dx;
  std::int64_t rows;
  std::int64_t classes;
  float label_smoothing;
  std::int64_t ignore_index;
  bool log_probabilities;
  LossReduction reduction;
  bool accumulate;
};

inline std::int64_t tasks(const CrossEntropyForward& a) { return row_tasks(a.rows, a.classes); }
inline std::int64_t tasks(const CrossEntropyBackward& a) { return row_tasks(a.rows, a.classes); }

// A loss and a weight in the mean, for a row or several, until they are added up.
struct WeighedLoss {
  double loss;
  double weight;
};
inline std::int64_t workspace(const CrossEntropyForward& a, std::int64_t) {
  return a.rows * static_cast<std::int64_t>(sizeof(WeighedLoss));
}

}  // namespace nautile
