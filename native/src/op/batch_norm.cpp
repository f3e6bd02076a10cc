#include "nautile/op/batch_norm.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_batch_norm_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                  ntl_address running_mean, ntl_address running_var, ntl_address batches, ntl_address y,
                                  ntl_address stats, int64_t rows, int64_t channels, int32_t training, float momentum,
                                  float eps) {
  const ChannelNormForward norm{at<const float>(x),
                                at<const float>(weight),
                                at<const float>(bias),
                                at<float>(y),
                                at<float>(stats),
                                {1, rows, channels, channels},
                                eps};
  return run(
      context, &KernelTable::batch_norm_forward,
      {norm, at<float>(running_mean), at<float>(running_var), at<std::int64_t>(batches), training != 0, momentum});
}

ntl_status ntl_batch_norm_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address stats,
                                   ntl_address dy, ntl_address dx, ntl_address dweight, ntl_address dbias, int64_t rows,
                                   int64_t channels, int32_t training, int32_t accumulate_dx,
                                   int32_t accumulate_dweight, int32_t accumulate_dbias) {
  return run(context, &KernelTable::batch_norm_backward,
             {{at<const float>(x),
               at<const float>(weight),
               at<const float>(stats),
               at<const float>(dy),
               at<float>(dx),
               at<float>(dweight),
               at<float>(dbias),
               {1, rows, channels, channels},
               training != 0,
               accumulate_dx != 0,
               accumulate_dweight != 0,
               accumulate_dbias != 0}});
}
