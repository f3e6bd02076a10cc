#include "nautile/avg_pool2d.hpp"

#include "nautile/cuda_pictures.hpp"

// One thread for an element of y, or of dx; for four channels of it where these can be moved at once. Sums in double. Bound by
// memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads) avg_pool2d_forward_by_spot(AvgPool2dForward a) {
  for_spots<Index, kPack>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t i, const Spot& at) {
    const float* x = a.x + at.picture * a.h.size * a.w.size * a.c + at.channel;
    const std::int64_t kw0 = a.w.first_place(at.col);
    const std::int64_t kw1 = a.w.end_place(at.col);
    double total[kPack] = {};
    for (std::int64_t kh = a.h.first_place(at.row); kh < a.h.end_place(at.row); ++kh) {
      const std::int64_t row = a.h.position(at.row, kh) * a.w.size;
      NTL_UNROLL_BY(4)
      for (std::int64_t kw = kw0; kw < kw1; ++kw) {
        const auto v = load<kPack>(x + (row + a.w.position(at.col, kw)) * a.c);
        NTL_UNROLL
        for (int k = 0; k < kPack; ++k) total[k] += static_cast<double>(v.v[k]);
      }
    }
    const auto divisor = static_cast<float>(a.divisor.of(a.h, at.row, a.w, at.col));
    Pack<kPack> y;
    NTL_UNROLL
    for (int k = 0; k < kPack; ++k) y.v[k] = static_cast<float>(total[k]) / divisor;
    store(a.y + i, y);
  });
}

template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads) avg_pool2d_backward_by_spot(AvgPool2dBackward a) {
  for_spots<Index, kPack>(a.n, a.h.size, a.w.size, a.c, [&](std::int64_t item, const Spot& at) {
    const float* dy = a.dy + at.picture * a.h.count * a.w.count * a.c + at.channel;
    double total[kPack] = {};
    for (std::int64_t oh = a.h.first_window(at.row); oh < a.h.end_window(at.row); ++oh) {
      for (std::int64_t ow = a.w.first_window(at.col); ow < a.w.end_window(at.col); ++ow) {
        const auto divisor = static_cast<float>(a.divisor.of(a.h, oh, a.w, ow));
        const auto v = load<kPack>(dy + (oh * a.w.count + ow) * a.c);
        NTL_UNROLL
        for (int k = 0; k < kPack; ++k) total[k] += static_cast<double>(v.v[k] / divisor);
      }
    }
    auto g = a.accumulate ? load<kPack>(a.dx + item) : Pack<kPack>{};
    NTL_UNROLL
    for (int k = 0; k < kPack; ++k) g.v[k] += static_cast<float>(total[k]);
    store(a.dx + item, g);
  });
}

}  // namespace

void avg_pool2d_forward(const AvgPool2dForward& a, std::byte*, const Team& team) {
  const bool fours = a.c % kFour == 0 && aligned(a.x, a.y);
  NTL_LAUNCH_SPOTS(avg_pool2d_forward_by_spot, a.n * a.h.count * a.w.count * a.c, fours, team, a);
}

void avg_pool2d_backward(const AvgPool2dBackward& a, std::byte*, const Team& team) {
  const bool fours = a.c % kFour == 0 && aligned(a.dy, a.dx);
  NTL_LAUNCH_SPOTS(avg_pool2d_backward_by_spot, a.n * a.h.size * a.w.size * a.c, fours, team, a);
}

}  // namespace nautile::NTL_TARGET
