#include "nautile/op/adagrad.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_adagrad_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address sum,
                            ntl_address rate, ntl_address count, int64_t size, float lr_decay, float eps,
                            float weight_decay, float l1) {
  const Update update{at<float>(parameter),
                      at<const float>(gradient),
                      size,
                      at<const float>(rate),
                      at<const float>(count),
                      weight_decay,
                      l1};
  return run(context, &KernelTable::adagrad_step, {update, at<float>(sum), lr_decay, eps});
}
