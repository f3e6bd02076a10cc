#include "nautile/activation.hpp"

#include <cmath>

#include "nautile/cuda_grid.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

constexpr float kSqrt2OverPi = 0.7978845608F;
constexpr float kGeluCubic = 0.044715F;
constexpr float kInvSqrt2 = 0.7071067812F;
constexpr float kInvSqrt2Pi = 0.3989422804F;
constexpr float kSoftplusThreshold = 20.0F;  // PyTorch's: above, log(1 + e^x) is x

// 1 / (1 + e^-x) and 1 / (1 + e^x), neither from the other: their difference from 1 would lose the digits.
struct Sigmoid {
  float value;
  float rest;
};
__device__ inline Sigmoid sigmoid(float x) {
  const float e = expf(-fabsf(x));
  const float large = 1.0F / (1.0F + e);
  const float small = e / (1.0F + e);
  return x < 0.0F ? Sigmoid{small, large} : Sigmoid{large, small};
}

// The distribution function of the standard normal distribution.
__device__ inline float normal_distribution(float x) {
  const float upper = 0.5F * erfcf(fabsf(x) * kInvSqrt2);
  return x < 0.0F ? upper : 1.0F - upper;
}

// gelu_tanh is x sigmoid(2 z), since (1 + tanh z) / 2 is sigmoid(2 z), without cancellation.
__device__ inline float gelu_tanh_inner(float x) { return kSqrt2OverPi * (x + kGeluCubic * x * x * x); }

__device__ inline float softplus(float x) {
  // NaN fails both comparisons and comes through the sum
  return x > kSoftplusThreshold ? x : (x > 0.0F ? x : 0.0F) + log1pf(expf(-fabsf(x)));
}

__device__ inline float swish_derivative(float x) {
  const Sigmoid s = sigmoid(x);
  return s.value * (1.0F + x * s.rest);
}
__device__ inline float gelu_derivative(float x) {
  return normal_distribution(x) + x * kInvSqrt2Pi * expf(-0.5F * x * x);
}
__device__ inline float gelu_tanh_derivative(float value) {
  // beyond 10, tanh is 1 and the derivative 0 or 1; squares of large numbers would be infinite, and NaN times 0
  const float low = value < -10.0F ? -10.0F : value;
  const float x = low > 10.0F ? 10.0F : low;
  const Sigmoid s = sigmoid(2.0F * gelu_tanh_inner(x));
  const float inner = kSqrt2OverPi * (1.0F + 3.0F * kGeluCubic * x * x);
  return s.value + 2.0F * x * s.value * s.rest * inner;
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) activation_forward_by_element(ActivationForward a) {
  const float alpha = a.alpha;
  const auto apply = [&](auto&& f) {
    for_packs<kPack>(a.size, [&](std::int64_t i, auto count) {
      auto v = load<count.value>(a.x + i);
      NTL_UNROLL
      for (float& x : v.v) x = f(x);
      store(a.y + i, v);
    });
  };
  switch (a.function) {
    case Activation::linear: return apply([](float x) { return x; });
    case Activation::relu: return apply([](float x) { return x <= 0.0F ? 0.0F : x; });  // NaN stays
    case Activation::leaky_relu: return apply([=](float x) { return x > 0.0F ? x : alpha * x; });
    case Activation::elu: return apply([=](float x) { return x > 0.0F ? x : alpha * expm1f(x); });
    case Activation::sigmoid: return apply([](float x) { return sigmoid(x).value; });
    case Activation::tanh: return apply([](float x) { return tanhf(x); });
    case Activation::swish: return apply([](float x) { return x * sigmoid(x).value; });
    case Activation::gelu: return apply([](float x) { return x * normal_distribution(x); });
    case Activation::gelu_tanh: return apply([](float x) { return x * sigmoid(2.0F * gelu_tanh_inner(x)).value; });
    case Activation::softplus: return apply([](float x) { return softplus(x); });
  }
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) activation_backward_by_element(ActivationBackward a) {
  const float alpha = a.alpha;
  // dx (+)= dy * derivative(from), with from x or y
  const auto apply = [&](const float* from, auto&& derivative) {
    for_packs<kPack>(a.size, [&](std::int64_t i, auto count) {
      const auto value = load<count.value>(from + i);
      auto g = load<count.value>(a.dy + i);
      NTL_UNROLL
      for (int k = 0; k < count.value; ++k) g.v[k] *= derivative(value.v[k]);
      if (a.accumulate) {
        const auto before = load<count.value>(a.dx + i);
        NTL_UNROLL
        for (int k = 0; k < count.value; ++k) g.v[k] += before.v[k];
      }
      store(a.dx + i, g);
    });
  };
  switch (a.function) {
    case Activation::linear: return apply(a.dy, [](float) { return 1.0F; });
    case Activation::relu: return apply(a.x, [](float x) { return x > 0.0F ? 1.0F : 0.0F; });
    case Activation::leaky_relu: return apply(a.x, [=](float x) { return x > 0.0F ? 1.0F : alpha; });
    case Activation::elu: return apply(a.x, [=](float x) { return x > 0.0F ? 1.0F : alpha * expf(x); });
    case Activation::sigmoid: return apply(a.y, [](float y) { return y * (1.0F - y); });
    case Activation::tanh: return apply(a.y, [](float y) { return 1.0F - y * y; });
    case Activation::swish: return apply(a.x, [](float x) { return swish_derivative(x); });
    case Activation::gelu: return apply(a.x, [](float x) { return gelu_derivative(x); });
    case Activation::gelu_tanh: return apply(a.x, [](float x) { return gelu_tanh_derivative(x); });
    case Activation::softplus:
      return apply(a.x, [](float x) { return x > kSoftplusThreshold ? 1.0F : sigmoid(x).value; });
  }
}

}  // namespace

void activation_forward(const ActivationForward& a, std::byte*, const Team& team) {
  if (aligned(a.x, a.y)) {
    NTL_LAUNCH((activation_forward_by_element<kFour>), blocks_for_packs(a.size, kFour), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((activation_forward_by_element<1>), blocks_for_packs(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

void activation_backward(const ActivationBackward& a, std::byte*, const Team& team) {
  if (aligned(a.x, a.y, a.dy, a.dx)) {
    NTL_LAUNCH((activation_backward_by_element<kFour>), blocks_for_packs(a.size, kFour), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((activation_backward_by_element<1>), blocks_for_packs(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
