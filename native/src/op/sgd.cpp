#include "nautile/op/sgd.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_sgd_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address momentum_buffer,
                        int64_t size, float lr, float momentum, float dampening, float weight_decay, int32_t nesterov,
                        int32_t first) {
  if (momentum != 0.0F && momentum_buffer == 0) {
    return fail(NTL_BAD_ARGUMENT, "sgd_step: momentum " + std::to_string(momentum) + " without a buffer");
  }
  return run(context, &KernelTable::sgd_step,
             {at<float>(parameter), at<const float>(gradient), at<float>(momentum_buffer), size, lr, momentum,
              dampening, weight_decay, nesterov != 0, first != 0});
}
