#include "nautile/op/reduce.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_reduce_forward(ntl_context context, ntl_address x, ntl_address y, int64_t outer, int64_t n,
                              int64_t inner, int32_t function, int32_t accumulate) {
  if (function < NTL_SUM || function > NTL_MIN) return unknown("reduce_forward", "function", function);
  return run(context, &KernelTable::reduce_forward,
             {at<const float>(x), at<float>(y), outer, n, inner, static_cast<Reduction>(function), accumulate != 0});
}

ntl_status ntl_reduce_backward(ntl_context context, ntl_address x, ntl_address y, ntl_address dy, ntl_address dx,
                               int64_t outer, int64_t n, int64_t inner, int32_t function, int32_t accumulate) {
  if (function < NTL_SUM || function > NTL_MIN) return unknown("reduce_backward", "function", function);
  return run(context, &KernelTable::reduce_backward,
             {at<const float>(x), at<const float>(y), at<const float>(dy), at<float>(dx), outer, n, inner,
              static_cast<Reduction>(function), accumulate != 0});
}
