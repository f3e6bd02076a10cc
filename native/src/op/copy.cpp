#include "nautile/op/copy.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_copy_forward(ntl_context context, ntl_address x, ntl_address y, int64_t n0, int64_t n1, int64_t n2,
                            int64_t n3, int64_t x0, int64_t x1, int64_t x2, int64_t x3, int64_t y0, int64_t y1,
                            int64_t y2, int64_t y3, int32_t element_size, int32_t accumulate) {
  const bool known = accumulate != 0 ? element_size == 4 : element_size == 1 || element_size == 4 || element_size == 8;
  if (!known) return unknown("copy_forward", "element size", element_size);
  return run(context, &KernelTable::copy_forward,
             {at<const std::byte>(x),
              at<std::byte>(y),
              {n0, n1, n2, n3},
              {x0, x1, x2, x3},
              {y0, y1, y2, y3},
              element_size,
              accumulate != 0});
}
