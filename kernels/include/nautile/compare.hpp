// Meaning, shapes and error bounds: native/include/nautile/op/compare.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class Comparison : std::int32_t { eq, ne, lt, le, gt, ge };

// Four nested loops; a stride of 0 repeats.
struct CompareForward {
  const float* a;
  const float* b;
  std::uint8_t* y;
  std::int64_t extents[4];
  std::int64_t a_strides[4];
  std::int64_t b_strides[4];
  Comparison function;
};

// A task is a block of rows of about kChunk elements, or a chunk of the only row.
inline std::int64_t tasks(const CompareForward& f) {
  return chunks(f.extents[0] * f.extents[1] * f.extents[2] * f.extents[3]);
}

}  // namespace nautile
