#include "nautile/op/cross_entropy.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_cross_entropy_forward(ntl_context context, ntl_address x, ntl_address labels, ntl_address probabilities,
                                     ntl_address weight, ntl_address loss, ntl_address saved, int64_t rows,
                                     int64_t classes, float label_smoothing, int64_t ignore_index,
                                     int32_t log_probabilities, int32_t reduction) {
  if (reduction < NTL_REDUCTION_NONE || reduction > NTL_REDUCTION_SUM) {
    return unknown("cross_entropy_forward", "reduction", reduction);
  }
  return run(context, &KernelTable::cross_entropy_forward,
             {at<const float>(x), at<const std::int64_t>(labels), at<const float>(probabilities),
              at<const float>(weight), at<float>(loss), at<float>(saved), rows, classes, label_smoothing, ignore_index,
              log_probabilities != 0, static_cast<LossReduction>(reduction)});
}

ntl_status ntl_cross_entropy_backward(ntl_context context, ntl_address x, ntl_address labels, ntl_address probabilities,
                                      ntl_address weight, ntl_address saved, ntl_address dloss, ntl_address dx,
                                      int64_t rows, int64_t classes, float label_smoothing, int64_t ignore_index,
                                      int32_t log_probabilities, int32_t reduction, int32_t accumulate) {
  if (reduction < NTL_REDUCTION_NONE || reduction > NTL_REDUCTION_SUM) {
    return unknown("cross_entropy_backward", "reduction", reduction);
  }
  return run(
      context, &KernelTable::cross_entropy_backward,
      {at<const float>(x), at<const std::int64_t>(labels), at<const float>(probabilities), at<const float>(weight),
       at<const float>(saved), at<const float>(dloss), at<float>(dx), rows, classes, label_smoothing, ignore_index,
       log_probabilities != 0, static_cast<LossReduction>(reduction), accumulate != 0});
}
