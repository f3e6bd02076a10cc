// Meaning, shapes and error bounds: native/include/nautile/op/max_pool2d.h
#pragma once

#include "nautile/windows.hpp"

namespace nautile {

struct MaxPool2dForward {
  const float* x;
  float* y;
  std::uint8_t* places;
  std::int64_t n;
  std::int64_t c;
  Windows h;
  Windows w;
};

struct MaxPool2dBackward {
  const std::uint8_t* places;
  const float* dy;
  float* dx;
  std::int64_t n;
  std::int64_t c;
  Windows h;
  Windows w;
  bool accumulate;
  const float* mask = nullptr;  // as dy: dx is 0 where it is not positive; only in plans
};

// Forward by rows of y, backward by rows of dx.
inline bool fuses(const MaxPool2dBackward&) { return true; }
inline std::int64_t row_cost(const MaxPool2dForward& a) { return a.w.count * a.c * a.h.kernel * a.w.kernel; }
inline std::int64_t tasks(const MaxPool2dForward& a) { return row_tasks(a.n * a.h.count, row_cost(a)); }
inline std::int64_t tasks(const MaxPool2dBackward& a) { return row_tasks(a.n * a.h.size, a.w.size * a.c); }

}  // namespace nautile
