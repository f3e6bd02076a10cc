// A convolution and its gradient by x as one thing: each pixel of the result gathers pixels of the source, one for each tap
// of the kernel that meets it, and multiplies their channels with the tap's weights.
//
// The gradient by x of a convolution with stride is cut into phases: the pixels whose row and column leave the same
// remainders meet the same taps, so that no product with a zero is computed.
#pragma once

#include "nautile/conv2d.hpp"

namespace nautile {

// Along one axis, result i < results lies at place + i * place_step of `places`, and tap t < taps takes the source at
// first + i * move + t * step, where that is in [0, extent), and the kernel at tap + t * tap_step.
struct GatherAxis {
  std::int64_t results;
  std::int64_t place;
  std::int64_t place_step;
  std::int64_t places;
  std::int64_t taps;
  std::int64_t tap;
  std::int64_t tap_step;
  std::int64_t first;
  std::int64_t move;
  std::int64_t step;
  std::int64_t extent;
};

struct Gather {
  const float* x;     // [n, down.extent, across.extent, groups, depth]
  const float* bias;  // [groups, width], or null
  float* y;           // [n, down.places, across.places, groups, width]
  std::int64_t n;
  std::int64_t groups;
  std::int64_t depth;
  std::int64_t width;
  GatherAxis down;
  GatherAxis across;
  // of the weights: between groups, channels of the source, channels of the result, rows of the kernel
  std::int64_t weight_group;
  std::int64_t weight_in;
  std::int64_t weight_out;
  std::int64_t weight_row;
  bool accumulate;
  bool relu;
  const float* mask = nullptr;  // as y: results are 0 where it is not positive
  // Of squares of 2 x 2 results only the largest is written, to `pooled`, and which one to `places`, where wanted.
  float* pooled = nullptr;
  std::uint8_t* places = nullptr;
  // x is 0 but at one place of each square of 2 x 2: x has what is there, and `x_places` which one.
  const std::uint8_t* x_places = nullptr;
  bool pairs = false;  // rows of results are worked on two by two
  ConvAlgorithm algorithm = ConvAlgorithm::kAuto;

  NTL_HOST_DEVICE std::int64_t pixels() const { return n * down.results * across.results; }
  NTL_HOST_DEVICE std::int64_t taps() const { return down.taps * across.taps; }
  NTL_HOST_DEVICE std::int64_t terms() const { return taps() * depth; }
  NTL_HOST_DEVICE bool by_channel() const { return groups > 1 && depth == 1 && width == 1; }
  // The place in the weights of one channel of source and result.
  NTL_HOST_DEVICE std::int64_t weight(std::int64_t tap_down, std::int64_t tap_across) const {
    return (down.tap + tap_down * down.tap_step) * weight_row + across.tap + tap_across * across.tap_step;
  }
};

inline GatherAxis forward_axis(std::int64_t extent, std::int64_t results, std::int64_t taps, std::int64_t stride,
                               std::int64_t padding, std::int64_t dilation) {
  return {results, 0, 1, results, taps, 0, 1, -padding, stride, dilation, extent};
}

// The places phase, phase + stride, ... of x, which gather from y. Taps go backwards, so that y is read forwards.
inline GatherAxis backward_axis(std::int64_t extent, std::int64_t results, std::int64_t taps, std::int64_t stride,
                                std::int64_t padding, std::int64_t dilation, std::int64_t phase) {
  GatherAxis a{ceil_div(extent - phase, stride), phase, stride, extent, 0, 0, 1, 0, 1, 1, results};
  for (std::int64_t t = taps - 1; t >= 0; --t) {
    const std::int64_t shift = phase + padding - t * dilation;
    if (shift % stride != 0) continue;
    if (a.taps == 0) {
      a.tap = t;
      a.first = shift / stride;
    } else if (a.taps == 1) {
      a.tap_step = t - a.tap;
      a.step = shift / stride - a.first;
    }
    ++a.taps;
  }
  return a;
}

inline Gather gather_of(const Conv2dForward& a) {
  const Conv2dShape& s = a.shape;
  return {a.x,
          a.bias,
          a.y,
          s.n,
          s.groups,
          s.c / s.groups,
          s.k / s.groups,
          forward_axis(s.h, s.p, s.r, s.stride_h, s.padding_h, s.dilation_h),
          forward_axis(s.w, s.q, s.s, s.stride_w, s.padding_w, s.dilation_w),
          s.k / s.groups * (s.c / s.groups) * s.r * s.s,
          s.r * s.s,
          s.c / s.groups * s.r * s.s,
          s.s,
          false,
          a.relu,
          nullptr,
          a.pooled,
          a.places,
          nullptr,
          a.pooled != nullptr,
          s.algorithm};
}

inline std::int64_t phases_down(const Conv2dShape& s) { return s.stride_h < s.h ? s.stride_h : s.h; }
inline std::int64_t phases_across(const Conv2dShape& s) { return s.stride_w < s.w ? s.stride_w : s.w; }
inline std::int64_t phases(const Conv2dShape& s) { return phases_down(s) * phases_across(s); }

inline Gather gather_of(const Conv2dBackward& a, const float* dy, std::int64_t phase) {
  const Conv2dShape& s = a.shape;
  const std::int64_t down = phase / phases_across(s);
  const std::int64_t across = phase % phases_across(s);
  return {dy,
          a.bias,
          a.dx,
          s.n,
          s.groups,
          s.k / s.groups,
          s.c / s.groups,
          backward_axis(s.h, s.p, s.r, s.stride_h, s.padding_h, s.dilation_h, down),
          backward_axis(s.w, s.q, s.s, s.stride_w, s.padding_w, s.dilation_w, across),
          s.k / s.groups * (s.c / s.groups) * s.r * s.s,
          s.c / s.groups * s.r * s.s,
          s.r * s.s,
          s.s,
          a.accumulate_dx,
          false,
          a.mask,
          nullptr,
          nullptr,
          a.places,
          false,
          s.algorithm};
}

// What the gradient by the weights multiplies with dy: x as the forward pass gathers it.
inline Gather gather_of_x(const Conv2dBackward& a) {
  Gather g = gather_of(Conv2dForward{a.x, nullptr, nullptr, nullptr, a.shape, false});
  g.pairs = a.places != nullptr;
  return g;
}

}  // namespace nautile
