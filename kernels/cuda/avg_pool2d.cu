#include "nautile/avg_pool2d.hpp"

#include "nautile/cuda_pictures.hpp"

// One thread for an element of y, or of dx. Sums in double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) avg_pool2d_forward_by_element(AvgPool2dForward a) {
  for_spots<Index>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t i, const Spot& at) {
    const std::int64_t ow = at.col;
    const std::int64_t oh = at.row;
    const float* x = a.x + at.picture * a.h.size * a.w.size * a.c + at.channel;
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
  for_spots<Index>(a.n, a.h.size, a.w.size, a.c, [&](std::int64_t item, const Spot& at) {
    const std::int64_t j = at.col;
    const std::int64_t i = at.row;
    const float* dy = a.dy + at.picture * a.h.count * a.w.count * a.c + at.channel;
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
  NTL_LAUNCH_ITEMS(avg_pool2d_forward_by_element, a.n * a.h.count * a.w.count * a.c, team, a);
}

void avg_pool2d_backward(const AvgPool2dBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ITEMS(avg_pool2d_backward_by_element, a.n * a.h.size * a.w.size * a.c, team, a);
}

}  // namespace nautile::NTL_TARGET
