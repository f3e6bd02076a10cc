#include "nautile/compare.hpp"

#include "nautile/cuda_strided.hpp"

// One thread for an element. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) compare_forward_by_element(CompareForward f) {
  for_places<Index>(f.extents, [&](std::int64_t i, const Place& place) {
    const float a = f.a[place.in(f.a_strides)];
    const float b = f.b[place.in(f.b_strides)];
    bool holds = false;
    switch (f.function) {
      case Comparison::eq: holds = a == b; break;
      case Comparison::ne: holds = a != b; break;
      case Comparison::lt: holds = a < b; break;
      case Comparison::le: holds = a <= b; break;
      case Comparison::gt: holds = a > b; break;
      case Comparison::ge: holds = a >= b; break;
    }
    f.y[i] = holds ? 1 : 0;
  });
}

}  // namespace

void compare_forward(const CompareForward& f, std::byte*, const Team& team) {
  const std::int64_t size = f.extents[0] * f.extents[1] * f.extents[2] * f.extents[3];
  if (short_index(size)) {
    NTL_LAUNCH((compare_forward_by_element<std::uint32_t>), blocks_for(size, kThreads), dim3(kThreads), 0,
               stream_of(team), f);
  } else {
    NTL_LAUNCH((compare_forward_by_element<std::int64_t>), blocks_for(size, kThreads), dim3(kThreads), 0,
               stream_of(team), f);
  }
}

}  // namespace nautile::NTL_TARGET
