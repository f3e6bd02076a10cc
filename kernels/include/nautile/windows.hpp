// Windows that slide over pictures, as the pooling kernels see them.
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// Along one axis: place k of window o is at position(o, k). What lies outside [0, size) is padding.
struct Windows {
  std::int64_t size;    // of the picture
  std::int64_t count;   // of windows
  std::int64_t kernel;  // places of a window
  std::int64_t stride;
  std::int64_t padding;
  std::int64_t dilation;

  // Whether every position belongs to one window.
  NTL_HOST_DEVICE bool tile() const {
    return stride == kernel && padding == 0 && dilation == 1 && size == count * kernel;
  }

  NTL_HOST_DEVICE std::int64_t position(std::int64_t o, std::int64_t k) const {
    return o * stride - padding + k * dilation;
  }

  // The places of window o that are in the picture: from first_place on, below end_place.
  NTL_HOST_DEVICE std::int64_t first_place(std::int64_t o) const {
    const std::int64_t start = position(o, 0);
    return start >= 0 ? 0 : ceil_div(-start, dilation);
  }
  NTL_HOST_DEVICE std::int64_t end_place(std::int64_t o) const {
    return position(o, kernel - 1) < size ? kernel : ceil_div(size - position(o, 0), dilation);
  }

  // The windows that reach over position i: from first_window on, below end_window. With dilation, not all of them have a
  // place there.
  NTL_HOST_DEVICE std::int64_t first_window(std::int64_t i) const {
    const std::int64_t beyond = i - position(0, kernel - 1);
    return beyond <= 0 ? 0 : ceil_div(beyond, stride);
  }
  NTL_HOST_DEVICE std::int64_t end_window(std::int64_t i) const {
    const std::int64_t end = (i + padding) / stride + 1;
    return end < count ? end : count;
  }
  // The place of window o at position i, negative if there is none.
  NTL_HOST_DEVICE std::int64_t place(std::int64_t o, std::int64_t i) const {
    const std::int64_t distance = i - position(o, 0);
    if (dilation == 1) return distance;
    return distance % dilation == 0 ? distance / dilation : -1;
  }
};

}  // namespace nautile
