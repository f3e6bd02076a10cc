// Meaning, shapes and error bounds: native/include/nautile/op/rmsprop.h
#pragma once

#include "nautile/optimizer.hpp"

namespace nautile {

struct RmspropStep {
  Update update;
  float* square;
  float* mean;             // null: not centered
  float* momentum_buffer;  // null: no momentum
  double alpha;            // double: 1 - alpha would lose digits in float
  float eps;
  float momentum;
};

inline std::int64_t tasks(const RmspropStep& a) { return chunks(a.update.size); }

}  // namespace nautile
