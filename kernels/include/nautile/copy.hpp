// Meaning, shapes and error bounds: native/include/nautile/op/copy.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// Four nested loops.
struct CopyForward {
  const std::byte* x;
  std::byte* y;
  std::int64_t extents[4];
  std::int64_t x_strides[4];
  std::int64_t y_strides[4];
  std::int32_t element_size;
  bool accumulate;
};

// A task is a block of rows, or a chunk of the only row.
inline std::int64_t tasks(const CopyForward& f) {
  return chunks(f.extents[0] * f.extents[1] * f.extents[2] * f.extents[3]);
}

}  // namespace nautile
