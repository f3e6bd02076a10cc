// Meaning, shapes and error bounds: native/include/nautile/op/reduce.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class Reduction : std::int32_t { sum, mean, max, min };

struct ReduceForward {
  const float* x;
  float* y;
  std::int64_t outer;
  std::int64_t n;
  std::int64_t inner;
  Reduction function;
  bool accumulate;
};

struct ReduceBackward {
  const float* x;
  const float* y;
  const float* dy;
  float* dx;
  std::int64_t outer;
  std::int64_t n;
  std::int64_t inner;
  Reduction function;
  bool accumulate;
};

// One result of one axis (outer == inner == 1) is reduced in chunks, whose partial results are joined in their order.
inline bool whole(const ReduceForward& a) { return a.outer == 1 && a.inner == 1; }

// Otherwise a task is a block of results, about kChunk elements of x.
constexpr std::int64_t kReduceColumns = 256;  // results of one task along the inner axis
inline std::int64_t reduce_rows(std::int64_t n) { return n >= kChunk ? 1 : kChunk / (n > 0 ? n : 1); }
inline std::int64_t tasks(const ReduceForward& a) {
  if (whole(a)) return chunks(a.n);
  if (a.inner == 1) return ceil_div(a.outer, reduce_rows(a.n));
  return a.outer * ceil_div(a.inner, kReduceColumns);
}
inline std::int64_t workspace(const ReduceForward& a, std::int64_t) {
  return whole(a) ? chunks(a.n) * static_cast<std::int64_t>(sizeof(double)) : 0;
}
inline std::int64_t tasks(const ReduceBackward& a) { return chunks(a.outer * a.n * a.inner); }

}  // namespace nautile
