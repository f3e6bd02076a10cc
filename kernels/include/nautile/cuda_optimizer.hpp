// What optimizers share on a GPU.
#pragma once

#include <cmath>

#include "nautile/cuda_grid.hpp"
#include "nautile/optimizer.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The gradient with those of the penalties, weight_decay / 2 |p|^2 + l1 |p|. What fuses a product and a sum here and in the
// steps is written, for kernels of one and of four elements at once must round alike.
__device__ inline float penalized(const Update& u, float p, float gradient) {
  if (u.weight_decay != 0.0F) gradient = fmaf(u.weight_decay, p, gradient);
  if (u.l1 != 0.0F && p != 0.0F) gradient += copysignf(u.l1, p);
  return gradient;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
