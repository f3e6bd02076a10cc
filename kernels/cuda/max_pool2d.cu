#include "nautile/max_pool2d.hpp"

#include <cmath>

#include "nautile/cuda_pictures.hpp"

// One thread for an element of y, or of dx. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) max_pool2d_forward_by_element(MaxPool2dForward a) {
  for_spots<Index>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t i, const Spot& at) {
    const std::int64_t ow = at.col;
    const std::int64_t oh = at.row;
    const float* x = a.x + at.picture * a.h.size * a.w.size * a.c + at.channel;
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
  for_spots<Index>(a.n, a.h.size, a.w.size, a.c, [&](std::int64_t item, const Spot& at) {
    const std::int64_t j = at.col;
    const std::int64_t i = at.row;
    const std::int64_t first = at.picture * a.h.count * a.w.count * a.c + at.channel;
    float total = 0.0F;
    for (std::int64_t oh = a.h.first_window(i); oh < a.h.end_window(i); ++oh) {
      const std::int64_t kh = a.h.place(oh, i);
      if (kh < 0) continue;
      float sum = 0.0F;
      for (std::int64_t ow = a.w.first_window(j); ow < a.w.end_window(j); ++ow) {
        const std::int64_t kw = a.w.place(ow, j);
        const std::int64_t o = first + (oh * a.w.count + ow) * a.c;
        const bool chosen = kw >= 0 && a.places[o] == kh * a.w.kernel + kw;
        if (chosen && (a.mask == nullptr || a.mask[o] > 0.0F)) sum += a.dy[o];
      }
      total += sum;
    }
    a.dx[item] = a.accumulate ? a.dx[item] + total : total;
  });
}

}  // namespace

void max_pool2d_forward(const MaxPool2dForward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ITEMS(max_pool2d_forward_by_element, a.n * a.h.count * a.w.count * a.c, team, a);
}

void max_pool2d_backward(const MaxPool2dBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ITEMS(max_pool2d_backward_by_element, a.n * a.h.size * a.w.size * a.c, team, a);
}

}  // namespace nautile::NTL_TARGET
