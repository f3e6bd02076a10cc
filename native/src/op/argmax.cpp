#include "nautile/op/argmax.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_argmax_forward(ntl_context context, ntl_address x, ntl_address y, int64_t outer, int64_t n,
                              int64_t inner) {
  return run(context, &KernelTable::argmax_forward, {at<const float>(x), at<std::int64_t>(y), outer, n, inner});
}
