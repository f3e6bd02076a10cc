#include "nautile/op/linear.h"

#include "dispatch.hpp"
#include "precision.hpp"

using namespace nautile;

ntl_status ntl_linear_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias, ntl_address y,
                              int64_t m, int64_t n, int64_t k) {
  return run(
      context, &KernelTable::linear_forward,
      {at<const float>(x), at<const float>(weight), at<const float>(bias), at<float>(y), m, n, k, matmul_precision});
}

ntl_status ntl_linear_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address dy, ntl_address dx,
                               ntl_address dweight, ntl_address dbias, int64_t m, int64_t n, int64_t k,
                               int32_t accumulate_dx, int32_t accumulate_dweight, int32_t accumulate_dbias) {
  return run(context, &KernelTable::linear_backward,
             {at<const float>(x), at<const float>(weight), at<const float>(dy), at<float>(dx), at<float>(dweight),
              at<float>(dbias), m, n, k, accumulate_dx != 0, accumulate_dweight != 0, accumulate_dbias != 0,
              matmul_precision});
}
