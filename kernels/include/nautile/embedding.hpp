// Meaning, shapes and error bounds: native/include/nautile/op/embedding.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct EmbeddingForward {
  const float* weight;
  const std::int64_t* index;
  float* y;
  std::int64_t count;
  std::int64_t rows;
  std::int64_t cols;
};

struct EmbeddingBackward {
  const std::int64_t* index;
  const float* dy;
  float* dweight;
  std::int64_t count;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t padding;
  bool accumulate;
};

// The columns that one task sums: a row that half of the indices name shall not be one thread's work.
constexpr std::int64_t kEmbeddingColumns = 64;

inline std::int64_t tasks(const EmbeddingForward& a) { return row_tasks(a.count, a.cols); }
// Parts of the rows, each with about as much to read and write as the others, times blocks of columns.
inline std::int64_t embedding_parts(const EmbeddingBackward& a) {
  return row_tasks(a.rows + a.count, kEmbeddingColumns);
}
inline std::int64_t tasks(const EmbeddingBackward& a) {
  return embedding_parts(a) * ceil_div(a.cols, kEmbeddingColumns);
}

// Where the places of each row begin, and the places sorted by row. CUDA does without.
inline std::int64_t workspace(const EmbeddingBackward& a, std::int64_t) {
  return (a.rows + 1 + a.count) * static_cast<std::int64_t>(sizeof(std::int64_t));
}

}  // namespace nautile
