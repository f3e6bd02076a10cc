#include "nautile/op/max_pool2d.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_max_pool2d_forward(ntl_context context, ntl_address x, ntl_address y, ntl_address places, int64_t n,
                                  int64_t c, int64_t height, int64_t rows, int64_t kernel_h, int64_t stride_h,
                                  int64_t padding_h, int64_t dilation_h, int64_t width, int64_t cols, int64_t kernel_w,
                                  int64_t stride_w, int64_t padding_w, int64_t dilation_w) {
  if (places != 0 && kernel_h * kernel_w > 256) {
    return fail(NTL_BAD_ARGUMENT, "max_pool2d_forward: a window has more than 256 places");
  }
  return run(context, &KernelTable::max_pool2d_forward,
             {at<const float>(x),
              at<float>(y),
              at<std::uint8_t>(places),
              n,
              c,
              {height, rows, kernel_h, stride_h, padding_h, dilation_h},
              {width, cols, kernel_w, stride_w, padding_w, dilation_w}});
}

ntl_status ntl_max_pool2d_backward(ntl_context context, ntl_address places, ntl_address dy, ntl_address dx, int64_t n,
                                   int64_t c, int64_t height, int64_t rows, int64_t kernel_h, int64_t stride_h,
                                   int64_t padding_h, int64_t dilation_h, int64_t width, int64_t cols, int64_t kernel_w,
                                   int64_t stride_w, int64_t padding_w, int64_t dilation_w, int32_t accumulate) {
  return run(context, &KernelTable::max_pool2d_backward,
             {at<const std::uint8_t>(places),
              at<const float>(dy),
              at<float>(dx),
              n,
              c,
              {height, rows, kernel_h, stride_h, padding_h, dilation_h},
              {width, cols, kernel_w, stride_w, padding_w, dilation_w},
              accumulate != 0});
}
