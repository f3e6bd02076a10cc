#include "nautile/op/conv2d.h"

#include <atomic>
#include <string>

#include "dispatch.hpp"

using namespace nautile;

namespace {
std::atomic<ConvAlgorithm> algorithm = ConvAlgorithm::kAuto;
}

ntl_status ntl_conv2d_algorithm(int32_t number) {
  if (number < 0 || number > 2)
    return fail(NTL_BAD_ARGUMENT, "conv2d_algorithm: there is no " + std::to_string(number));
  algorithm = static_cast<ConvAlgorithm>(number);
  return NTL_OK;
}

ntl_status ntl_conv2d_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias, ntl_address y,
                              int64_t n, int64_t c, int64_t h, int64_t w, int64_t k, int64_t p, int64_t q, int64_t r,
                              int64_t s, int64_t stride_h, int64_t stride_w, int64_t padding_h, int64_t padding_w,
                              int64_t dilation_h, int64_t dilation_w, int64_t groups, int32_t relu) {
  return run(
      context, &KernelTable::conv2d_forward,
      {at<const float>(x),
       at<const float>(weight),
       at<const float>(bias),
       at<float>(y),
       {n, c, h, w, k, p, q, r, s, stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups, algorithm},
       relu != 0});
}

ntl_status ntl_conv2d_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address y, ntl_address dy,
                               ntl_address bias, ntl_address dx, ntl_address dweight, ntl_address dbias, int64_t n,
                               int64_t c, int64_t h, int64_t w, int64_t k, int64_t p, int64_t q, int64_t r, int64_t s,
                               int64_t stride_h, int64_t stride_w, int64_t padding_h, int64_t padding_w,
                               int64_t dilation_h, int64_t dilation_w, int64_t groups, int32_t accumulate_dx,
                               int32_t accumulate_dweight, int32_t accumulate_dbias) {
  return run(
      context, &KernelTable::conv2d_backward,
      {at<const float>(x),
       at<const float>(weight),
       at<const float>(y),
       at<const float>(dy),
       at<const float>(bias),
       at<float>(dx),
       at<float>(dweight),
       at<float>(dbias),
       {n, c, h, w, k, p, q, r, s, stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups, algorithm},
       accumulate_dx != 0,
       accumulate_dweight != 0,
       accumulate_dbias != 0});
}
