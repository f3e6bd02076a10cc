#include "nautile/op/compare.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_compare_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t n0, int64_t n1,
                               int64_t n2, int64_t n3, int64_t a0, int64_t a1, int64_t a2, int64_t a3, int64_t b0,
                               int64_t b1, int64_t b2, int64_t b3, int32_t function) {
  if (function < NTL_EQ || function > NTL_GE) return unknown("compare_forward", "function", function);
  return run(context, &KernelTable::compare_forward,
             {at<const float>(a),
              at<const float>(b),
              at<std::uint8_t>(y),
              {n0, n1, n2, n3},
              {a0, a1, a2, a3},
              {b0, b1, b2, b3},
              static_cast<Comparison>(function)});
}
