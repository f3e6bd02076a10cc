#include "nautile/op/pointwise_loss.h"

#include "dispatch.hpp"

using namespace nautile;

namespace {

bool known_function(std::int32_t function) { return function >= NTL_MSE && function <= NTL_KL_DIV_LOG_TARGET; }
bool known_reduction(std::int32_t reduction) {
  return reduction >= NTL_REDUCTION_NONE && reduction <= NTL_REDUCTION_SUM;
}

}  // namespace

ntl_status ntl_pointwise_loss_forward(ntl_context context, ntl_address x, ntl_address target, ntl_address weight,
                                      ntl_address pos_weight, ntl_address loss, int64_t size, int32_t function,
                                      float delta, int32_t reduction) {
  if (!known_function(function)) return unknown("pointwise_loss_forward", "function", function);
  if (!known_reduction(reduction)) return unknown("pointwise_loss_forward", "reduction", reduction);
  return run(
      context, &KernelTable::pointwise_loss_forward,
      {at<const float>(x), at<const float>(target), at<const float>(weight), at<const float>(pos_weight),
       at<float>(loss), size, static_cast<PointwiseLoss>(function), delta, static_cast<LossReduction>(reduction)});
}

ntl_status ntl_pointwise_loss_backward(ntl_context context, ntl_address x, ntl_address target, ntl_address weight,
                                       ntl_address pos_weight, ntl_address dloss, ntl_address dx, int64_t size,
                                       int32_t function, float delta, int32_t reduction, int32_t by_target,
                                       int32_t accumulate) {
  if (!known_function(function)) return unknown("pointwise_loss_backward", "function", function);
  if (!known_reduction(reduction)) return unknown("pointwise_loss_backward", "reduction", reduction);
  return run(context, &KernelTable::pointwise_loss_backward,
             {at<const float>(x), at<const float>(target), at<const float>(weight), at<const float>(pos_weight),
              at<const float>(dloss), at<float>(dx), size, static_cast<PointwiseLoss>(function), delta,
              static_cast<LossReduction>(reduction), by_target != 0, accumulate != 0});
}
