#include "nautile/op/log_softmax.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_log_softmax_forward(ntl_context context, ntl_address x, ntl_address y, int64_t rows, int64_t cols) {
  return run(context, &KernelTable::log_softmax_forward, {at<const float>(x), at<float>(y), rows, cols});
}

ntl_status ntl_log_softmax_backward(ntl_context context, ntl_address y, ntl_address dy, ntl_address dx, int64_t rows,
                                    int64_t cols, int32_t accumulate) {
  return run(context, &KernelTable::log_softmax_backward,
             {at<const float>(y), at<const float>(dy), at<float>(dx), rows, cols, accumulate != 0});
}
