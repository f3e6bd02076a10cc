#include "nautile/upsample.hpp"

#include "nautile/cuda_grid.hpp"

// One thread for an element of y, or of dx; neighbours are channels of one pixel. Gradients are added up in double.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) upsample_forward_by_element(UpsampleForward a) {
  const auto channels = static_cast<Index>(a.c);
  const auto rows = static_cast<Index>(a.h.count);
  const auto cols = static_cast<Index>(a.w.count);
  for_items(static_cast<Index>(a.n) * rows * cols * channels, [&](Index i) {
    const Index pixel = i / channels;
    const Index row = pixel / cols;
    const Taps h = a.h.taps(static_cast<std::int64_t>(row % rows));
    const Taps w = a.w.taps(static_cast<std::int64_t>(pixel % cols));
    const float* x = a.x + static_cast<std::int64_t>(row / rows) * a.h.size * a.w.size * a.c + i % channels;
    const float* above = x + h.i0 * a.w.size * a.c;
    if (a.w.mode == Upsampling::nearest) {
      a.y[i] = above[w.i0 * a.c];
      return;
    }
    const float* below = x + h.i1 * a.w.size * a.c;
    const float first = above[w.i0 * a.c] * w.w0 + above[w.i1 * a.c] * w.w1;
    const float second = below[w.i0 * a.c] * w.w0 + below[w.i1 * a.c] * w.w1;
    a.y[i] = first * h.w0 + second * h.w1;
  });
}

template <typename Index>
__global__ void __launch_bounds__(kThreads) upsample_backward_by_element(UpsampleBackward a) {
  const auto channels = static_cast<Index>(a.c);
  const auto rows = static_cast<Index>(a.h.size);
  const auto cols = static_cast<Index>(a.w.size);
  for_items(static_cast<Index>(a.n) * rows * cols * channels, [&](Index item) {
    const Index pixel = item / channels;
    const Index row = pixel / cols;
    const auto j = static_cast<std::int64_t>(pixel % cols);
    const auto i = static_cast<std::int64_t>(row % rows);
    const float* dy = a.dy + static_cast<std::int64_t>(row / rows) * a.h.count * a.w.count * a.c + item % channels;
    const std::int64_t oh1 = a.h.first_beyond(i);
    const std::int64_t ow0 = a.w.first(j);
    const std::int64_t ow1 = a.w.first_beyond(j);
    double total = 0.0;
    for (std::int64_t oh = a.h.first(i); oh < oh1; ++oh) {
      const float h = a.h.taps(oh).weight(i);
      for (std::int64_t ow = ow0; ow < ow1; ++ow) {
        total += static_cast<double>(h * a.w.taps(ow).weight(j)) * static_cast<double>(dy[(oh * a.w.count + ow) * a.c]);
      }
    }
    const auto g = static_cast<float>(total);
    a.dx[item] = a.accumulate ? a.dx[item] + g : g;
  });
}

}  // namespace

void upsample_forward(const UpsampleForward& a, std::byte*, const Team& team) {
  const std::int64_t items = a.n * a.h.count * a.w.count * a.c;
  if (short_index(items)) {
    NTL_LAUNCH((upsample_forward_by_element<std::uint32_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((upsample_forward_by_element<std::int64_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

void upsample_backward(const UpsampleBackward& a, std::byte*, const Team& team) {
  const std::int64_t items = a.n * a.h.size * a.w.size * a.c;
  if (short_index(items)) {
    NTL_LAUNCH((upsample_backward_by_element<std::uint32_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((upsample_backward_by_element<std::int64_t>), blocks_for(items, kThreads), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
