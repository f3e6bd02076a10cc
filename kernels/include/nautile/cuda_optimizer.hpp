// What optimizers share on a GPU.
#pragma once

#include <cmath>

#include "nautile/cuda_grid.hpp"
#include "nautile/optimizer.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The gradient with those of the penalties, weight_decay / 2 |p|^2 + l1 |p|.
__device__ inline float penalized(const Update& u, float p, float gradient) {
  if (u.weight_decay != 0.0F) gradient += u.weight_decay * p;
  if (u.l1 != 0.0F && p != 0.0F) gradient += copysignf(u.l1, p);
  return gradient;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
