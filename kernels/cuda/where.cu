#include "nautile/where.hpp"

#include "nautile/cuda_strided.hpp"

// One thread for an element. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) where_forward_by_element(WhereForward f) {
  for_places<Index>(f.extents, [&](std::int64_t i, const Place& place) {
    f.y[i] = f.condition[place.in(f.condition_strides)] != 0 ? f.a[place.in(f.a_strides)] : f.b[place.in(f.b_strides)];
  });
}

}  // namespace

void where_forward(const WhereForward& f, std::byte*, const Team& team) {
  const std::int64_t size = f.extents[0] * f.extents[1] * f.extents[2] * f.extents[3];
  NTL_LAUNCH_ITEMS(where_forward_by_element, size, team, f);
}

}  // namespace nautile::NTL_TARGET
