#include "nautile/upsample.hpp"

#include "nautile/cuda_pictures.hpp"

// One thread for an element of y, or of dx. Gradients are added up in double.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index>
__global__ void __launch_bounds__(kThreads) upsample_forward_by_element(UpsampleForward a) {
  for_spots<Index>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t i, const Spot& at) {
    const Taps h = a.h.taps(at.row);
    const Taps w = a.w.taps(at.col);
    const float* x = a.x + at.picture * a.h.size * a.w.size * a.c + at.channel;
    const float* above = x + h.i0 * a.w.size * a.c;
    if (a.w.mode == Upsampling::nearest) {
      a.y[i] = above[w.i0 * a.c];
      return;
    }
    const float* below = x + h.i1 * a.w.size * a.c;
    const float first = fmaf(above[w.i0 * a.c], w.w0, above[w.i1 * a.c] * w.w1);
    const float second = fmaf(below[w.i0 * a.c], w.w0, below[w.i1 * a.c] * w.w1);
    a.y[i] = fmaf(first, h.w0, second * h.w1);
  });
}

template <typename Index>
__global__ void __launch_bounds__(kThreads) upsample_backward_by_element(UpsampleBackward a) {
  for_spots<Index>(a.n, a.h.size, a.w.size, a.c, [&](std::int64_t item, const Spot& at) {
    const std::int64_t j = at.col;
    const std::int64_t i = at.row;
    const float* dy = a.dy + at.picture * a.h.count * a.w.count * a.c + at.channel;
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
  NTL_LAUNCH_ITEMS(upsample_forward_by_element, a.n * a.h.count * a.w.count * a.c, team, a);
}

void upsample_backward(const UpsampleBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ITEMS(upsample_backward_by_element, a.n * a.h.size * a.w.size * a.c, team, a);
}

}  // namespace nautile::NTL_TARGET
