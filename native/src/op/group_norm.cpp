#include "nautile/op/group_norm.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_group_norm_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                  ntl_address y, ntl_address stats, int64_t samples, int64_t rows, int64_t channels,
                                  int64_t groups, float eps) {
  return run(context, &KernelTable::group_norm_forward,
             {{at<const float>(x),
               at<const float>(weight),
               at<const float>(bias),
               at<float>(y),
               at<float>(stats),
               {samples, rows, channels, groups},
               eps}});
}

ntl_status ntl_group_norm_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address stats,
                                   ntl_address dy, ntl_address dx, ntl_address dweight, ntl_address dbias,
                                   int64_t samples, int64_t rows, int64_t channels, int64_t groups,
                                   int32_t accumulate_dx, int32_t accumulate_dweight, int32_t accumulate_dbias) {
  return run(context, &KernelTable::group_norm_backward,
             {{at<const float>(x),
               at<const float>(weight),
               at<const float>(stats),
               at<const float>(dy),
               at<float>(dx),
               at<float>(dweight),
               at<float>(dbias),
               {samples, rows, channels, groups},
               true,
               accumulate_dx != 0,
               accumulate_dweight != 0,
               accumulate_dbias != 0}});
}
