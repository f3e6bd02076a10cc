// Meaning, shapes and error bounds: native/include/nautile/op/binary.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class Binary : std::int32_t { add, sub, mul, div, maximum, minimum, power, maximum_by_a, power_by_a, power_by_b };

// Four nested loops; a stride of 0 repeats.
struct BinaryForward {
  const float* a;
  const float* b;
  float* y;
  std::int64_t extents[4];
  std::int64_t a_strides[4];
  std::int64_t b_strides[4];
  Binary function;
};

// A task is a block of rows of about kChunk elements, or a chunk of the only row.
inline std::int64_t tasks(const BinaryForward& f) {
  return chunks(f.extents[0] * f.extents[1] * f.extents[2] * f.extents[3]);
}

}  // namespace nautile
