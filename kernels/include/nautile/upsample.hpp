// Meaning, shapes and error bounds: native/include/nautile/op/upsample.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

enum class Upsampling : std::int32_t { nearest, bilinear, bilinear_aligned };

// What an output position is made of: w0 x[i0] + w1 x[i1]. With nearest neighbours i1 is i0, and w1 is 0.
struct Taps {
  std::int64_t i0;
  std::int64_t i1;
  float w0;
  float w1;

  NTL_HOST_DEVICE float weight(std::int64_t i) const { return (i == i0 ? w0 : 0.0F) + (i == i1 ? w1 : 0.0F); }
};

// One axis: `count` output positions from `size` of x, each `step` behind the one before. A later output position never
// takes an earlier one of x.
struct Stretch {
  std::int64_t size;
  std::int64_t count;
  float step;
  Upsampling mode;

  NTL_HOST_DEVICE Taps taps(std::int64_t o) const {
    const std::int64_t last = size - 1;
    if (mode == Upsampling::nearest) {
      const auto i = static_cast<std::int64_t>(static_cast<float>(o) * step);  // in float32, as PyTorch rounds it
      const std::int64_t i0 = i < last ? i : last;
      return {i0, i0, 1.0F, 0.0F};
    }
    const double shift = mode == Upsampling::bilinear ? 0.5 : 0.0;  // from the corner of a pixel to its middle
    const double exact = (static_cast<double>(o) + shift) * static_cast<double>(step) - shift;
    const double position = exact > 0.0 ? exact : 0.0;
    const auto i = static_cast<std::int64_t>(position);
    const std::int64_t i0 = i < last ? i : last;
    const double distance = position - static_cast<double>(i0);
    const double beyond = distance < 1.0 ? distance : 1.0;
    return {i0, i0 < last ? i0 + 1 : last, static_cast<float>(1.0 - beyond), static_cast<float>(beyond)};
  }

  // The output positions that take position i of x: from first(i) on, below first_beyond(i).
  NTL_HOST_DEVICE std::int64_t first(std::int64_t i) const {
    return search([&](std::int64_t o) { return taps(o).i1 >= i; });
  }
  NTL_HOST_DEVICE std::int64_t first_beyond(std::int64_t i) const {
    return search([&](std::int64_t o) { return taps(o).i0 > i; });
  }

 private:
  // The first output position for which it is so.
  template <typename Test>
  NTL_HOST_DEVICE std::int64_t search(Test&& test) const {
    std::int64_t low = 0;
    std::int64_t high = count;
    while (low < high) {
      const std::int64_t middle = (low + high) / 2;
      if (test(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
};

struct UpsampleForward {
  const float* x;
  float* y;
  std::int64_t n;
  std::int64_t c;
  Stretch h;
  Stretch w;
};

struct UpsampleBackward {
  const float* dy;
  float* dx;
  std::int64_t n;
  std::int64_t c;
  Stretch h;
  Stretch w;
  bool accumulate;
};

// Forward by rows of y, backward by rows of dx, each with its share of dy.
inline std::int64_t row_cost(const UpsampleForward& a) { return a.w.count * a.c; }
inline std::int64_t row_cost(const UpsampleBackward& a) {
  return (ceil_div(a.h.count, a.h.size) * a.w.count + a.w.size) * a.c;
}
inline std::int64_t tasks(const UpsampleForward& a) { return row_tasks(a.n * a.h.count, row_cost(a)); }
inline std::int64_t tasks(const UpsampleBackward& a) { return row_tasks(a.n * a.h.size, row_cost(a)); }

}  // namespace nautile
