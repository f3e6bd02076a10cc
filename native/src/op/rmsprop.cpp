#include "nautile/op/rmsprop.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_rmsprop_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address square,
                            ntl_address mean, ntl_address momentum_buffer, ntl_address rate, int64_t size, double alpha,
                            float eps, float momentum, float weight_decay, float l1) {
  const Update update{
      at<float>(parameter), at<const float>(gradient), size, at<const float>(rate), nullptr, weight_decay, l1};
  return run(context, &KernelTable::rmsprop_step,
             {update, at<float>(square), at<float>(mean), at<float>(momentum_buffer), alpha, eps, momentum});
}
