#include "nautile/op/unary.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_unary_forward(ntl_context context, ntl_address x, ntl_address y, int64_t size, int32_t function,
                             float low, float high) {
  if (function < NTL_EXP || function > NTL_CLAMP) return unknown("unary_forward", "function", function);
  return run(context, &KernelTable::unary_forward,
             {at<const float>(x), at<float>(y), size, static_cast<Unary>(function), low, high});
}

ntl_status ntl_unary_backward(ntl_context context, ntl_address x, ntl_address y, ntl_address dy, ntl_address dx,
                              int64_t size, int32_t function, float low, float high, int32_t accumulate) {
  if (function < NTL_EXP || function > NTL_CLAMP) return unknown("unary_backward", "function", function);
  return run(context, &KernelTable::unary_backward,
             {at<const float>(x), at<const float>(y), at<const float>(dy), at<float>(dx), size,
              static_cast<Unary>(function), low, high, accumulate != 0});
}
