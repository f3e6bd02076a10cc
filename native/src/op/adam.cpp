#include "nautile/op/adam.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_adam_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address mean,
                         ntl_address square, ntl_address rate, ntl_address count, int64_t size, double beta1,
                         double beta2, float eps, float weight_decay, float l1, int32_t decoupled) {
  const Update update{at<float>(parameter),
                      at<const float>(gradient),
                      size,
                      at<const float>(rate),
                      at<const float>(count),
                      weight_decay,
                      l1};
  return run(context, &KernelTable::adam_step,
             {update, at<float>(mean), at<float>(square), beta1, beta2, eps, decoupled != 0});
}
