// Meaning, shapes and error bounds: native/include/nautile/op/sgd.h
#pragma once

#include "nautile/optimizer.hpp"

namespace nautile {

struct SgdStep {
  Update update;
  float* momentum_buffer;
  float momentum;
  float dampening;
  bool nesterov;
};

inline std::int64_t tasks(const SgdStep& a) { return chunks(a.update.size); }

}  // namespace nautile
