// Meaning, shapes and error bounds: native/include/nautile/op/argmax.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct ArgmaxForward {
  const float* x;
  std::int64_t* y;
  std::int64_t outer;
  std::int64_t n;
  std::int64_t inner;
};

inline std::int64_t tasks(const ArgmaxForward& a) { return chunks(a.outer * a.n * a.inner); }

}  // namespace nautile
