#include "nautile/op/random_bits.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_random_bits_forward(ntl_context context, ntl_address y, int64_t size, int64_t seed, int64_t stream,
                                   int64_t offset) {
  return run(context, &KernelTable::random_bits_forward, {at<std::uint32_t>(y), size, seed, stream, offset});
}
