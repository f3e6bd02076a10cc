// The arguments of a matrix product on any target: y = a b for each matrix of a batch, or y += a b.
#pragma once

#include <cstdint>

namespace nautile {

// What elements of a and b may be rounded to; sums are float32. Meaning: ntl_matmul_precision.
enum class MatmulPrecision : std::int32_t { highest, high, medium };

// Steps between neighbours are in elements; those of a and b may be anything, y's columns follow one another.
struct Gemm {
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
  const float* bias;  // [n], added once to each row of y; may be null
  bool accumulate;
  MatmulPrecision precision = MatmulPrecision::highest;
  const float* packed = nullptr;  // b as gemm.hpp's panels, packed beforehand: b itself is not read then
  std::int64_t packed_cols = 0;   // that all of its panels have, those filled up included
  std::int64_t packed_col = 0;    // where b's first column is among them
};

}  // namespace nautile
