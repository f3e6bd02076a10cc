// Meaning, shapes and error bounds: native/include/nautile/op/scale.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct ScaleForward {
  const float* x;
  float* y;
  std::int64_t size;
  float alpha;
  float beta;
};

inline std::int64_t tasks(const ScaleForward& a) { return chunks(a.size); }

}  // namespace nautile
