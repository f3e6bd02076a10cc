// Meaning, shapes and error bounds: native/include/nautile/op/pointwise_loss.h
#pragma once

#include "nautile/kernel.hpp"
#include "nautile/loss_reduction.hpp"

namespace nautile {

enum class PointwiseLoss : std::int32_t { mse, l1, huber, bce, bce_with_logits, kl_div, kl_div_log_target };

struct PointwiseLossForward {
  const float* x;
  const float* target;
  const float* weight;      // null: 1
  const float* pos_weight;  // null: 1
  float* loss;
  std::int64_t size;
  PointwiseLoss function;
  float delta;
  LossReduction reduction;
};

struct PointwiseLossBackward {
  const float* x;
  const float* target;
  const float* weight;
  const float* pos_weight;
  const float* dloss;
  float* dx;
  std::int64_t size;
  PointwiseLoss function;
  float delta;
  LossReduction reduction;
  bool by_target;  // dx is the gradient by the target
  bool accumulate;
};

inline std::int64_t tasks(const PointwiseLossForward& a) { return chunks(a.size); }
inline std::int64_t tasks(const PointwiseLossBackward& a) { return chunks(a.size); }

// The sum of each chunk.
inline std::int64_t workspace(const PointwiseLossForward& a, std::int64_t) {
  return a.reduction == LossReduction::none ? 0 : chunks(a.size) * static_cast<std::int64_t>(sizeof(double));
}

}  // namespace nautile
