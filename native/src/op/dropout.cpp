#include "nautile/op/dropout.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_dropout_forward(ntl_context context, ntl_address x, ntl_address y, ntl_address position,
                               ntl_address used, int64_t size, int64_t seed, int64_t stream, int64_t keep,
                               float scale) {
  return run(context, &KernelTable::dropout_forward,
             {at<const float>(x),
              at<float>(y),
              at<std::int64_t>(position),
              at<std::int64_t>(used),
              size,
              {seed, stream, keep, scale}});
}

ntl_status ntl_dropout_backward(ntl_context context, ntl_address dy, ntl_address used, ntl_address dx, int64_t size,
                                int64_t seed, int64_t stream, int64_t keep, float scale, int32_t accumulate) {
  return run(context, &KernelTable::dropout_backward,
             {at<const float>(dy),
              at<const std::int64_t>(used),
              at<float>(dx),
              size,
              {seed, stream, keep, scale},
              accumulate != 0});
}
