// Meaning, shapes and error bounds: native/include/nautile/op/matmul.h
#pragma once

#include "nautile/gemm_args.hpp"
#include "nautile/kernel.hpp"

namespace nautile {

// Strides in elements; those of a and b may be anything, y's columns follow one another.
struct MatmulForward {
  const float* a;
  const float* b;
  float* y;
  std::int64_t batch;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  std::int64_t a_batch;
  std::int64_t a_row;
  std::int64_t a_col;
  std::int64_t b_batch;
  std::int64_t b_row;
  std::int64_t b_col;
  std::int64_t y_batch;
  std::int64_t y_row;
  bool accumulate;
  MatmulPrecision precision = MatmulPrecision::highest;
  const float* packed = nullptr;  // b, as `prepack` writes it; only in plans
};

inline double flops(const MatmulForward& a) { return static_cast<double>(a.batch) * flops_of(a.m, a.n, a.k); }

inline Algorithms algorithms(const MatmulForward& a) { return {{a.packed == nullptr ? nullptr : "packed beforehand"}}; }
inline Weights weights(const MatmulForward& a) { return {a.b, a.k, a.n, a.b_row, a.b_col}; }

namespace NTL_TARGET {
std::int64_t tasks(const MatmulForward& args);
// On cpu: panels of a and b, of each some 4 MiB at most, twice for a team; for few rows and a large b with contiguous columns,
// y transposed, too. For a short row, its sums over each part of k alone.
std::int64_t workspace(const MatmulForward& args, std::int64_t team_size);
std::int64_t prepack(const MatmulForward& args, std::byte* packed);
}  // namespace NTL_TARGET

}  // namespace nautile
