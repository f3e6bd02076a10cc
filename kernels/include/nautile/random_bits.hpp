// Meaning, shapes and error bounds: native/include/nautile/op/random_bits.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct RandomBitsForward {
  std::uint32_t* y;
  std::int64_t size;
  std::int64_t seed;
  std::int64_t stream;
  std::int64_t offset;
};

inline std::int64_t tasks(const RandomBitsForward& a) { return chunks(a.size); }

}  // namespace nautile
