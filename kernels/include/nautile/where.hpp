// Meaning, shapes and error bounds: native/include/nautile/op/where.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// Four nested loops; a stride of 0 repeats.
struct WhereForward {
  const std::uint8_t* condition;
  const float* a;
  const float* b;
  float* y;
  std::int64_t extents[4];
  std::int64_t condition_strides[4];
  std::int64_t a_strides[4];
  std::int64_t b_strides[4];
};

// A task is a block of rows of about kChunk elements, or a chunk of the only row.
inline std::int64_t tasks(const WhereForward& f) {
  return chunks(f.extents[0] * f.extents[1] * f.extents[2] * f.extents[3]);
}

}  // namespace nautile
