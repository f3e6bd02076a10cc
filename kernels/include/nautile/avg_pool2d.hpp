// Meaning, shapes and error bounds: native/include/nautile/op/avg_pool2d.h
#pragma once

#include "nautile/windows.hpp"

namespace nautile {

// What a window's sum is divided by.
struct WindowDivisor {
  bool count_padding;
  std::int64_t fixed;  // 0: the number of places

  NTL_HOST_DEVICE std::int64_t of(const Windows& h, std::int64_t oh, const Windows& w, std::int64_t ow) const {
    return fixed != 0 ? fixed : places(h, oh) * places(w, ow);
  }

 private:
  // The places in the picture, and with count_padding in the padding; a window that ends beyond that is cut off.
  NTL_HOST_DEVICE std::int64_t places(const Windows& along, std::int64_t o) const {
    if (!count_padding) return along.end_place(o) - along.first_place(o);
    const std::int64_t left = along.size + along.padding - along.position(o, 0);
    return left < along.kernel ? left : along.kernel;
  }
};

struct AvgPool2dForward {
  const float* x;
  float* y;
  std::int64_t n;
  std::int64_t c;
  Windows h;
  Windows w;
  WindowDivisor divisor;
};

struct AvgPool2dBackward {
  const float* dy;
  float* dx;
  std::int64_t n;
  std::int64_t c;
  Windows h;
  Windows w;
  WindowDivisor divisor;
  bool accumulate;
};

// Forward by rows of y, backward by rows of dx.
inline std::int64_t row_cost(const AvgPool2dForward& a) { return a.w.count * a.c * a.h.kernel * a.w.kernel; }
inline std::int64_t tasks(const AvgPool2dForward& a) { return row_tasks(a.n * a.h.count, row_cost(a)); }
inline std::int64_t tasks(const AvgPool2dBackward& a) { return row_tasks(a.n * a.h.size, a.w.size * a.c); }

}  // namespace nautile
