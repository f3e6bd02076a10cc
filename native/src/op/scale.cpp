#include "nautile/op/scale.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_scale_forward(ntl_context context, ntl_address x, ntl_address y, int64_t size, float alpha, float beta) {
  return run(context, &KernelTable::scale_forward, {at<const float>(x), at<float>(y), size, alpha, beta});
}
