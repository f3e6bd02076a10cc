// How CUDA kernels of pictures go over [n,rows,cols,channels]: a thread for each element or for four channels of a pixel,
// neighbours being channels of one pixel.
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

// f(i, spot) for every element i, or for every first of kPack channels.
template <typename Index, int kPack = 1, typename F>
__device__ void for_spots(std::int64_t n, std::int64_t rows, std::int64_t cols, std::int64_t channels, F&& f) {
  const auto depth = static_cast<Index>(channels / kPack);
  const auto width = static_cast<Index>(cols);
  const auto height = static_cast<Index>(rows);
  for_items(static_cast<Index>(n) * height * width * depth, [&](Index i) {
    const Index pixel = i / depth;
    const Index row = pixel / width;
    const Index picture = row / height;
    f(static_cast<std::int64_t>(i) * kPack,
      Spot{static_cast<std::int64_t>(picture), static_cast<std::int64_t>(row - picture * height),
           static_cast<std::int64_t>(pixel - row * width), static_cast<std::int64_t>(i - pixel * depth) * kPack});
  });
}

// Launches kernel<Index, kPack>(args) for so many elements: with a thread for four channels, where `fours` says that they can
// be moved at once, or for one.
#define NTL_LAUNCH_SPOTS(kernel, elements, fours, team, args)                                      \
  do {                                                                                             \
    const std::int64_t spots_ = (elements) / ((fours) ? kFour : 1);                                \
    const dim3 grid_ = blocks_for(spots_, kThreads);                                               \
    if (!(fours)) {                                                                                \
      if (short_index(spots_)) {                                                                   \
        NTL_LAUNCH((kernel<std::uint32_t, 1>), grid_, dim3(kThreads), 0, stream_of(team), args);   \
      } else {                                                                                     \
        NTL_LAUNCH((kernel<std::int64_t, 1>), grid_, dim3(kThreads), 0, stream_of(team), args);    \
      }                                                                                            \
    } else if (short_index(spots_)) {                                                              \
      NTL_LAUNCH((kernel<std::uint32_t, kFour>), grid_, dim3(kThreads), 0, stream_of(team), args); \
    } else {                                                                                       \
      NTL_LAUNCH((kernel<std::int64_t, kFour>), grid_, dim3(kThreads), 0, stream_of(team), args);  \
    }                                                                                              \
  } while (false)

}  // namespace
}  // namespace nautile::NTL_TARGET
