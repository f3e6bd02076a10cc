#include "nautile/avg_pool2d.hpp"

#include "nautile/cuda_grid.hpp"

// One thread for an element of y, or of dx; neighbours are channels of one pixel. Sums in double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) avg_pool2d_forward_by_element(AvgPool2dForward a) {
  const auto channels = static_cast<Index>(a.c);
  const auto rows = static_cast<Index>(a.h.count);
  const auto cols = static_cast<Index>(a.w.count);
  for_items(static_cast<Index>(a.n) * rows * cols * channels, [&](Index i) {
    const Index pixel = i / channels;
    const Index row = pixel / cols;
    const auto ow = static_cast<std::int64_t>(pixel % cols);
    const auto oh = static_cast<std::int64_t>(row % rows);
    const float* x = a.x + static_cast<std::int64_t>(row / rows) * a.h.size * a.w.size * a.c + i % channels;
    double total = 0.0;
    for (std::int64_t kh = a.h.first_place(oh); kh < a.h.end_place(oh); ++kh) {
      for (std::int64_t kw = a.w.first_place(ow); kw < a.w.end_place(ow); ++kw) {
        total += static_cast<double>(x[(a.h.position(oh, kh) * a.w.size + a.w.position(ow, kw)) * a.c]);
      }
    }
    a.y[i] = static_cast<float>(total) / static_cast<float>(a.divisor.of(a.h, oh, a.w, ow));
  });
}

template <typename Index>
__global__ void __launch_bounds__(kThreads) avg_pool2d_backward_by_element(AvgPool2dBackward a) {
  const auto channels = static_cast<Index>(a.c);
  const auto rows = static_cast<Index>(a.h.size);
  const auto cols = static_cast<Index>(a.w.size);
  for_items(static_cast<Index>(a.n) * rows * cols * channels, [&](Index item) {
    const Index pixel = item / channels;
    const Index row = pixel / cols;
    const auto j = static_cast<std::int64_t>(pixel % cols);
    const auto i = static_cast<std::int64_t>(row % rows);
    const float* dy = a.dy + static_cast<std::int64_t>(row / rows) * a.h.count * a.w.count * a.c + item % channels;
    double total = 0.0;
    for (std::int64_t oh = a.h.first_window(i); oh < a.h.end_window(i); ++oh) {
      for (std::int64_t ow = a.w.first_window(j); ow < a.w.end_window(j); ++ow) {
        const auto divisor = static_cast<float>(a.divisor.of(a.h, oh, a.w, ow));
        total += static_cast<double>(dy[(oh * a.w.count + ow) * a.c] / divisor);
      }
    }
    const auto g = static_cast<float>(total);
    a.dx[item] = a.accumulate ? a.dx[item] + g : g;
  });
}

}  // namespace

void avg_pool2d_forward(const AvgPool2dForward& a, std::byte*, const Team& team) {
  const std::int64_t items = a.n * a.h.count * a.w.count * a.c;
  if (short_index(items)) {
    NTL_LAUNCH((avg_pool2d_forward_by_element<std::uint32_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((avg_pool2d_forward_by_element<std::int64_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

void avg_pool2d_backward(const AvgPool2dBackward& a, std::byte*, const Team& team) {
  const std::int64_t items = a.n * a.h.size * a.w.size * a.c;
  if (short_index(items)) {
    NTL_LAUNCH((avg_pool2d_backward_by_element<std::uint32_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((avg_pool2d_backward_by_element<std::int64_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
