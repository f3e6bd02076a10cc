#include "nautile/op/sgd.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_sgd_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address momentum_buffer,
                        ntl_address rate, ntl_address count, int64_t size, float momentum, float dampening,
                        float weight_decay, float l1, int32_t nesterov) {
  if (momentum != 0.0F && (momentum_buffer == 0 || count == 0)) {
    return fail(NTL_BAD_ARGUMENT, "sgd_step: momentum " + std::to_string(momentum) + " without a " +
                                      (momentum_buffer == 0 ? "buffer" : "count"));
  }
  const Update update{at<float>(parameter),
                      at<const float>(gradient),
                      size,
                      at<const float>(rate),
                      at<const float>(count),
                      weight_decay,
                      l1};
  return run(context, &KernelTable::sgd_step, {update, at<float>(momentum_buffer), momentum, dampening, nesterov != 0});
}
