#include "nautile/op/avg_pool2d.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_avg_pool2d_forward(ntl_context context, ntl_address x, ntl_address y, int64_t n, int64_t c,
                                  int64_t height, int64_t rows, int64_t kernel_h, int64_t stride_h, int64_t padding_h,
                                  int64_t width, int64_t cols, int64_t kernel_w, int64_t stride_w, int64_t padding_w,
                                  int32_t count_padding, int64_t divisor) {
  return run(context, &KernelTable::avg_pool2d_forward,
             {at<const float>(x),
              at<float>(y),
              n,
              c,
              {height, rows, kernel_h, stride_h, padding_h, 1},
              {width, cols, kernel_w, stride_w, padding_w, 1},
              {count_padding != 0, divisor}});
}

ntl_status ntl_avg_pool2d_backward(ntl_context context, ntl_address dy, ntl_address dx, int64_t n, int64_t c,
                                   int64_t height, int64_t rows, int64_t kernel_h, int64_t stride_h, int64_t padding_h,
                                   int64_t width, int64_t cols, int64_t kernel_w, int64_t stride_w, int64_t padding_w,
                                   int32_t count_padding, int64_t divisor, int32_t accumulate) {
  return run(context, &KernelTable::avg_pool2d_backward,
             {at<const float>(dy),
              at<float>(dx),
              n,
              c,
              {height, rows, kernel_h, stride_h, padding_h, 1},
              {width, cols, kernel_w, stride_w, padding_w, 1},
              {count_padding != 0, divisor},
              accumulate != 0});
}
