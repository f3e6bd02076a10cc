// What every optimizer's step is about.
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// The rate and the count are read from memory: they change from step to step, also when a plan runs the same step again.
struct Update {
  float* parameter;
  const float* gradient;
  std::int64_t size;
  const float* rate;   // the learning rate
  const float* count;  // which step this is, from 1; null where that does not matter
  float weight_decay;
  float l1;
};

}  // namespace nautile
