// Meaning, shapes and error bounds: native/include/nautile/op/gather.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct GatherForward {
  const float* x;
  const std::int64_t* index;
  float* y;
  std::int64_t outer;
  std::int64_t n;
  std::int64_t m;
  std::int64_t inner;
};

struct GatherBackward {
  const std::int64_t* index;
  const float* dy;
  float* dx;
  std::int64_t outer;
  std::int64_t n;
  std::int64_t m;
  std::int64_t inner;
  bool accumulate;
};

// A line is what one outer and one inner index leave: n elements of x, m of y. A task of the backward pass has lines of one
// outer index side by side, so that memory is read along its rows.
constexpr std::int64_t kGatherLines = 64;

inline std::int64_t tasks(const GatherForward& a) { return chunks(a.outer * a.m * a.inner); }
inline std::int64_t gather_blocks(const GatherBackward& a) { return ceil_div(a.inner, kGatherLines); }
inline std::int64_t gather_width(const GatherBackward& a) { return a.inner < kGatherLines ? a.inner : kGatherLines; }
inline std::int64_t tasks(const GatherBackward& a) {
  return row_tasks(a.outer * gather_blocks(a), (a.n + a.m) * gather_width(a));
}

}  // namespace nautile
