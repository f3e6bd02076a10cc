#include "nautile/op/fill.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_fill_forward(ntl_context context, ntl_address y, int64_t size, int32_t element_size, int64_t bits) {
  if (element_size != 1 && element_size != 4 && element_size != 8) {
    return unknown("fill_forward", "element size", element_size);
  }
  return run(context, &KernelTable::fill_forward, {at<std::byte>(y), size, element_size, bits});
}
