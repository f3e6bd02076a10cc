#include "nautile/op/upsample.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_upsample_forward(ntl_context context, ntl_address x, ntl_address y, int64_t n, int64_t c, int64_t height,
                                int64_t rows, float step_h, int64_t width, int64_t cols, float step_w, int32_t mode) {
  if (mode < NTL_NEAREST || mode > NTL_BILINEAR_ALIGNED) return unknown("upsample_forward", "mode", mode);
  const auto upsampling = static_cast<Upsampling>(mode);
  return run(
      context, &KernelTable::upsample_forward,
      {at<const float>(x), at<float>(y), n, c, {height, rows, step_h, upsampling}, {width, cols, step_w, upsampling}});
}

ntl_status ntl_upsample_backward(ntl_context context, ntl_address dy, ntl_address dx, int64_t n, int64_t c,
                                 int64_t height, int64_t rows, float step_h, int64_t width, int64_t cols, float step_w,
                                 int32_t mode, int32_t accumulate) {
  if (mode < NTL_NEAREST || mode > NTL_BILINEAR_ALIGNED) return unknown("upsample_backward", "mode", mode);
  const auto upsampling = static_cast<Upsampling>(mode);
  return run(context, &KernelTable::upsample_backward,
             {at<const float>(dy),
              at<float>(dx),
              n,
              c,
              {height, rows, step_h, upsampling},
              {width, cols, step_w, upsampling},
              accumulate != 0});
}
