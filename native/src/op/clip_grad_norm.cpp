#include "nautile/op/clip_grad_norm.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_clip_grad_norm_step(ntl_context context, ntl_address gradient, ntl_address norm, int64_t size,
                                   float max_norm) {
  return run(context, &KernelTable::clip_grad_norm_step, {at<float>(gradient), at<float>(norm), size, max_norm});
}
