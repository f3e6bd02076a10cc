// Meaning, shapes and error bounds: native/include/nautile/op/adam.h
#pragma once

#include "nautile/optimizer.hpp"

namespace nautile {

struct AdamStep {
  Update update;
  float* mean;
  float* square;
  double beta1;  // double: 1 - beta would lose digits in float
  double beta2;
  float eps;
  bool decoupled;
};

inline std::int64_t tasks(const AdamStep& a) { return chunks(a.update.size); }

}  // namespace nautile
