#include "nautile/op/binary.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_binary_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t n0, int64_t n1,
                              int64_t n2, int64_t n3, int64_t a0, int64_t a1, int64_t a2, int64_t a3, int64_t b0,
                              int64_t b1, int64_t b2, int64_t b3, int32_t function) {
  if (function < NTL_ADD || function > NTL_POWER_BY_B) return unknown("binary_forward", "function", function);
  return run(context, &KernelTable::binary_forward,
             {at<const float>(a),
              at<const float>(b),
              at<float>(y),
              {n0, n1, n2, n3},
              {a0, a1, a2, a3},
              {b0, b1, b2, b3},
              static_cast<Binary>(function)});
}
