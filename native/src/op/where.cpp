#include "nautile/op/where.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_where_forward(ntl_context context, ntl_address condition, ntl_address a, ntl_address b, ntl_address y,
                             int64_t n0, int64_t n1, int64_t n2, int64_t n3, int64_t c0, int64_t c1, int64_t c2,
                             int64_t c3, int64_t a0, int64_t a1, int64_t a2, int64_t a3, int64_t b0, int64_t b1,
                             int64_t b2, int64_t b3) {
  return run(context, &KernelTable::where_forward,
             {at<const std::uint8_t>(condition),
              at<const float>(a),
              at<const float>(b),
              at<float>(y),
              {n0, n1, n2, n3},
              {c0, c1, c2, c3},
              {a0, a1, a2, a3},
              {b0, b1, b2, b3}});
}
