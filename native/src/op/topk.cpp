#include "nautile/op/topk.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_topk_forward(ntl_context context, ntl_address x, ntl_address y, int64_t rows, int64_t cols, int64_t k) {
  return run(context, &KernelTable::topk_forward, {at<const float>(x), at<std::int64_t>(y), rows, cols, k});
}
