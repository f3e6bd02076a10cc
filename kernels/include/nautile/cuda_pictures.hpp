// How CUDA kernels of pictures go over [n,rows,cols,channels]: a thread for each element, neighbours being channels of one pixel.
#pragma once

#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Where an element is.
struct Spot {
  std::int64_t picture;
  std::int64_t row;
  std::int64_t col;
  std::int64_t channel;
};

// f(i, spot) for every element i.
template <typename Index, typename F>
__device__ void for_spots(std::int64_t n, std::int64_t rows, std::int64_t cols, std::int64_t channels, F&& f) {
  const auto depth = static_cast<Index>(channels);
  const auto width = static_cast<Index>(cols);
  const auto height = static_cast<Index>(rows);
  for_items(static_cast<Index>(n) * height * width * depth, [&](Index i) {
    const Index pixel = i / depth;
    const Index row = pixel / width;
    f(static_cast<std::int64_t>(i),
      Spot{static_cast<std::int64_t>(row / height), static_cast<std::int64_t>(row % height),
           static_cast<std::int64_t>(pixel % width), static_cast<std::int64_t>(i % depth)});
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
