#include "nautile/unary.hpp"

#include <cmath>

#include "nautile/cuda_grid.hpp"

// A thread takes four elements at a time, or one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

__device__ inline float sign(float x) { return x > 0.0F ? 1.0F : x < 0.0F ? -1.0F : 0.0F; }

template <int kPack>
__global__ void __launch_bounds__(kThreads) unary_forward_by_element(UnaryForward a) {
  const float low = a.low;
  const float high = a.high;
  const auto apply = [&](auto&& f) { map_packs<kPack>(a.size, a.x, a.y, f); };
  switch (a.function) {
    case Unary::exp: return apply([](float x) { return expf(x); });
    case Unary::log: return apply([](float x) { return logf(x); });
    case Unary::sqrt: return apply([](float x) { return sqrtf(x); });
    case Unary::rsqrt: return apply([](float x) { return 1.0F / sqrtf(x); });
    case Unary::abs: return apply([](float x) { return fabsf(x); });
    case Unary::neg: return apply([](float x) { return -x; });
    case Unary::square: return apply([](float x) { return x * x; });
    case Unary::reciprocal: return apply([](float x) { return 1.0F / x; });
    case Unary::sin: return apply([](float x) { return sinf(x); });
    case Unary::cos: return apply([](float x) { return cosf(x); });
    case Unary::sign: return apply([](float x) { return sign(x); });
    case Unary::floor: return apply([](float x) { return floorf(x); });
    case Unary::clamp:
      return apply([=](float x) {  // NaN stays
        const float above = x < low ? low : x;
        return above > high ? high : above;
      });
  }
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) unary_backward_by_element(UnaryBackward a) {
  const float low = a.low;
  const float high = a.high;
  // dx (+)= derivative(dy, from), with from x or y
  const auto apply = [&](const float* from, auto&& derivative) {
    for_packs<kPack>(a.size, [&](std::int64_t i, auto count) {
      const auto value = load<count.value>(from + i);
      auto g = load<count.value>(a.dy + i);
      const auto before = a.accumulate ? load<count.value>(a.dx + i) : Pack<count.value>{};
      NTL_UNROLL
      for (int k = 0; k < count.value; ++k) g.v[k] = before.v[k] + derivative(g.v[k], value.v[k]);
      store(a.dx + i, g);
    });
  };
  switch (a.function) {
    case Unary::exp: return apply(a.y, [](float dy, float y) { return dy * y; });
    case Unary::log: return apply(a.x, [](float dy, float x) { return dy / x; });
    case Unary::sqrt: return apply(a.y, [](float dy, float y) { return dy / (2.0F * y); });
    case Unary::rsqrt: return apply(a.y, [](float dy, float y) { return -0.5F * dy * y * y * y; });
    case Unary::abs: return apply(a.x, [](float dy, float x) { return dy * sign(x); });
    case Unary::neg: return apply(a.dy, [](float dy, float) { return -dy; });
    case Unary::square: return apply(a.x, [](float dy, float x) { return 2.0F * (dy * x); });
    case Unary::reciprocal: return apply(a.y, [](float dy, float y) { return -dy * y * y; });
    case Unary::sin: return apply(a.x, [](float dy, float x) { return dy * cosf(x); });
    case Unary::cos: return apply(a.x, [](float dy, float x) { return -dy * sinf(x); });
    case Unary::sign:
    case Unary::floor: return apply(a.dy, [](float, float) { return 0.0F; });
    case Unary::clamp: return apply(a.x, [=](float dy, float x) { return x >= low && x <= high ? dy : 0.0F; });
  }
}

}  // namespace

void unary_forward(const UnaryForward& a, std::byte*, const Team& team) {
  if (aligned(a.x, a.y)) {
    NTL_LAUNCH((unary_forward_by_element<kFour>), blocks_for_turns(a.size, kFour), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((unary_forward_by_element<1>), blocks_for_turns(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

void unary_backward(const UnaryBackward& a, std::byte*, const Team& team) {
  if (aligned(a.x, a.y, a.dy, a.dx)) {
    NTL_LAUNCH((unary_backward_by_element<kFour>), blocks_for_packs(a.size, kFour), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((unary_backward_by_element<1>), blocks_for_packs(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
