#include "nautile/op/gather.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_gather_forward(ntl_context context, ntl_address x, ntl_address index, ntl_address y, int64_t outer,
                              int64_t n, int64_t m, int64_t inner) {
  return run(context, &KernelTable::gather_forward,
             {at<const float>(x), at<const std::int64_t>(index), at<float>(y), outer, n, m, inner});
}

ntl_status ntl_gather_backward(ntl_context context, ntl_address index, ntl_address dy, ntl_address dx, int64_t outer,
                               int64_t n, int64_t m, int64_t inner, int32_t accumulate) {
  return run(context, &KernelTable::gather_backward,
             {at<const std::int64_t>(index), at<const float>(dy), at<float>(dx), outer, n, m, inner, accumulate != 0});
}
