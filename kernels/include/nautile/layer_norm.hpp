// Meaning, shapes and error bounds: native/include/nautile/op/layer_norm.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct LayerNormForward {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  float* stats;
  std::int64_t rows;
  std::int64_t cols;
  float eps;
};

struct LayerNormBackward {
  const float* x;
  const float* weight;
  const float* stats;
  const float* dy;
  float* dx;
  float* dweight;
  float* dbias;
  std::int64_t rows;
  std::int64_t cols;
  bool accumulate_dx;
  bool accumulate_dweight;
  bool accumulate_dbias;
};

// Rows whose contributions to dweight and dbias one task of the backward pass adds up.
constexpr std::int64_t kLayerNormRows = 64;

// On a GPU, where rows are short enough for a warp.
constexpr std::int64_t kLayerNormRowsOfBlock = 16;

inline std::int64_t layer_norm_blocks(const LayerNormBackward& a) { return ceil_div(a.rows, kLayerNormRows); }
inline std::int64_t tasks(const LayerNormForward& a) { return row_tasks(a.rows, a.cols); }
inline std::int64_t tasks(const LayerNormBackward& a) { return layer_norm_blocks(a); }

// Two sums for each column of each block of rows: float32, or double on a GPU where rows are long.
inline std::int64_t workspace(const LayerNormBackward& a, std::int64_t) {
  if (a.dweight == nullptr && a.dbias == nullptr) return 0;
  const std::int64_t doubles = layer_norm_blocks(a) * static_cast<std::int64_t>(sizeof(double));
  const std::int64_t floats = ceil_div(a.rows, kLayerNormRowsOfBlock) * static_cast<std::int64_t>(sizeof(float));
  return (doubles > floats ? doubles : floats) * 2 * a.cols;
}

}  // namespace nautile
