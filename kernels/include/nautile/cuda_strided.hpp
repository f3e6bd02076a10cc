// Where an element of a broadcast operand is: four nested loops. Included by kernels that give one thread an element.
#pragma once

#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The indices of element i of a contiguous result, and the place they mean in an operand.
struct Place {
  std::int64_t i[4];

  __device__ std::int64_t in(const std::int64_t* strides) const {
    return i[0] * strides[0] + i[1] * strides[1] + i[2] * strides[2] + i[3] * strides[3];
  }
};

// f(element, place) for all elements. Index holds their number, as in for_items.
template <typename Index, typename F>
__device__ void for_places(const std::int64_t* extents, F&& f) {
  const auto n1 = static_cast<Index>(extents[1]);
  const auto n2 = static_cast<Index>(extents[2]);
  const auto n3 = static_cast<Index>(extents[3]);
  for_items(static_cast<Index>(extents[0]) * n1 * n2 * n3, [&](Index i) {
    const Index row = i / n3;
    const Index plane = row / n2;
    f(static_cast<std::int64_t>(i),
      Place{{static_cast<std::int64_t>(plane / n1), static_cast<std::int64_t>(plane % n1),
             static_cast<std::int64_t>(row - plane * n2), static_cast<std::int64_t>(i - row * n3)}});
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
