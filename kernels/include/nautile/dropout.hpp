// Meaning, shapes and error bounds: native/include/nautile/op/dropout.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// Which elements of which stream are kept, and what becomes of them.
struct DropoutRule {
  std::int64_t seed;
  std::int64_t stream;
  std::int64_t keep;
  float scale;
};

struct DropoutForward {
  const float* x;
  float* y;
  std::int64_t* position;
  std::int64_t* used;
  std::int64_t size;
  DropoutRule rule;
};

struct DropoutBackward {
  const float* dy;
  const std::int64_t* used;
  float* dx;
  std::int64_t size;
  DropoutRule rule;
  bool accumulate;
};

inline std::int64_t tasks(const DropoutForward& a) { return chunks(a.size); }
inline std::int64_t tasks(const DropoutBackward& a) { return chunks(a.size); }

}  // namespace nautile
