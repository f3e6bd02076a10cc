// Meaning, shapes and error bounds: native/include/nautile/op/adagrad.h
#pragma once

#include "nautile/optimizer.hpp"

namespace nautile {

struct AdagradStep {
  Update update;
  float* sum;
  float lr_decay;
  float eps;
};

inline std::int64_t tasks(const AdagradStep& a) { return chunks(a.update.size); }

}  // namespace nautile
