#include "nautile/max_pool2d.hpp"

#include <cmath>

#include "nautile/cuda_grid.hpp"

// One thread for an element of y, or of dx; neighbours are channels of one pixel. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) max_pool2d_forward_by_element(MaxPool2dForward a) {
  const auto channels = static_cast<Index>(a.c);
  const auto rows = static_cast<Index>(a.h.count);
  const auto cols = static_cast<Index>(a.w.count);
  for_items(static_cast<Index>(a.n) * rows * cols * channels, [&](Index i) {
    const Index pixel = i / channels;
    const Index row = pixel / cols;
    const auto ow = static_cast<std::int64_t>(pixel % cols);
    const auto oh = static_cast<std::int64_t>(row % rows);
    const float* x = a.x + static_cast<std::int64_t>(row / rows) * a.h.size * a.w.size * a.c + i % channels;
    const std::int64_t kw0 = a.w.first_place(ow);
    const std::int64_t kh0 = a.h.first_place(oh);
    float best = -INFINITY;
    std::int64_t found = kh0 * a.w.kernel + kw0;
    for (std::int64_t kh = kh0; kh < a.h.end_place(oh); ++kh) {
      for (std::int64_t kw = kw0; kw < a.w.end_place(ow); ++kw) {
        const float value = x[(a.h.position(oh, kh) * a.w.size + a.w.position(ow, kw)) * a.c];
        if (value > best || value != value) {
          best = value;
          found = kh * a.w.kernel + kw;
        }
      }
    }
    a.y[i] = best;
    if (a.places != nullptr) a.places[i] = static_cast<std::uint8_t>(found);
  });
}

template <typename Index>
__global__ void __launch_bounds__(kThreads) max_pool2d_backward_by_element(MaxPool2dBackward a) {
  const auto channels = static_cast<Index>(a.c);
  const auto rows = static_cast<Index>(a.h.size);
  const auto cols = static_cast<Index>(a.w.size);
  for_items(static_cast<Index>(a.n) * rows * cols * channels, [&](Index item) {
    const Index pixel = item / channels;
    const Index row = pixel / cols;
    const auto j = static_cast<std::int64_t>(pixel % cols);
    const auto i = static_cast<std::int64_t>(row % rows);
    const std::int64_t first = static_cast<std::int64_t>(row / rows) * a.h.count * a.w.count * a.c + item % channels;
    float total = 0.0F;
    for (std::int64_t oh = a.h.first_window(i); oh < a.h.end_window(i); ++oh) {
      const std::int64_t kh = a.h.place(oh, i);
      if (kh < 0) continue;
      float sum = 0.0F;
      for (std::int64_t ow = a.w.first_window(j); ow < a.w.end_window(j); ++ow) {
        const std::int64_t kw = a.w.place(ow, j);
        const std::int64_t o = first + (oh * a.w.count + ow) * a.c;
        if (kw >= 0 && a.places[o] == kh * a.w.kernel + kw) sum += a.dy[o];
      }
      total += sum;
    }
    a.dx[item] = a.accumulate ? a.dx[item] + total : total;
  });
}

}  // namespace

void max_pool2d_forward(const MaxPool2dForward& a, std::byte*, const Team& team) {
  const std::int64_t items = a.n * a.h.count * a.w.count * a.c;
  if (short_index(items)) {
    NTL_LAUNCH((max_pool2d_forward_by_element<std::uint32_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((max_pool2d_forward_by_element<std::int64_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

void max_pool2d_backward(const MaxPool2dBackward& a, std::byte*, const Team& team) {
  const std::int64_t items = a.n * a.h.size * a.w.size * a.c;
  if (short_index(items)) {
    NTL_LAUNCH((max_pool2d_backward_by_element<std::uint32_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((max_pool2d_backward_by_element<std::int64_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
