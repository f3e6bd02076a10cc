// Meaning, shapes and error bounds: native/include/nautile/op/fill.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct FillForward {
  std::byte* y;
  std::int64_t size;
  std::int32_t element_size;
  std::int64_t bits;
};

inline std::int64_t tasks(const FillForward& a) { return chunks(a.size); }

}  // namespace nautile
