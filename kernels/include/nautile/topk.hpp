// Meaning, shapes and error bounds: native/include/nautile/op/topk.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct TopkForward {
  const float* x;
  std::int64_t* y;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t k;
};

inline std::int64_t tasks(const TopkForward& a) { return row_tasks(a.rows, a.cols); }

// For each thread the keys of the elements that are the largest so far.
inline std::int64_t workspace(const TopkForward& a, std::int64_t team_size) {
  return team_size * a.k * static_cast<std::int64_t>(sizeof(std::int32_t));
}

}  // namespace nautile
