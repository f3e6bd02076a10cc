#include "nautile/op/activation.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_activation_forward(ntl_context context, ntl_address x, ntl_address y, int64_t size, int32_t function,
                                  float alpha) {
  if (function < NTL_LINEAR || function > NTL_SOFTPLUS) return unknown("activation_forward", "function", function);
  return run(context, &KernelTable::activation_forward,
             {at<const float>(x), at<float>(y), size, static_cast<Activation>(function), alpha});
}

ntl_status ntl_activation_backward(ntl_context context, ntl_address x, ntl_address y, ntl_address dy, ntl_address dx,
                                   int64_t size, int32_t function, float alpha, int32_t accumulate) {
  if (function < NTL_LINEAR || function > NTL_SOFTPLUS) return unknown("activation_backward", "function", function);
  return run(context, &KernelTable::activation_backward,
             {at<const float>(x), at<const float>(y), at<const float>(dy), at<float>(dx), size,
              static_cast<Activation>(function), alpha, accumulate != 0});
}
