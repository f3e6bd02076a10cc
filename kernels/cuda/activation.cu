#include "nautile/activation.hpp"

#include <cmath>

#include "nautile/cuda_grid.hpp"

// A thread takes four elements at a time, or one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

constexpr float kSqrt2OverPi = 0.7978845608F;
constexpr float kGeluCubic = 0.044715F;
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

// The distribution function of the standard normal distribution, Phi(-|x|) being 2^p(|x|): p is the polynomial that makes the
// largest error of x Phi(x) least (3e-9 before rounding), half the instructions of erfcf. Beyond 6, x Phi(x) is less than the
// contract's 1e-7.
__device__ inline float normal_distribution(float x) {
  const float d = fabsf(x);
  float p = 4.41029300e-07F;
  p = fmaf(p, d, -8.55993676e-06F);
  p = fmaf(p, d, 6.93252368e-05F);
  p = fmaf(p, d, -2.67634197e-04F);
  p = fmaf(p, d, -1.29653445e-05F);
  p = fmaf(p, d, 6.95772097e-03F);
  p = fmaf(p, d, -5.24485335e-02F);
  p = fmaf(p, d, -4.59217966e-01F);
  p = fmaf(p, d, -1.15110457e+00F);
  p = fmaf(p, d, -1.0F);
  const float upper = d > 6.0F ? 0.0F : exp2f(p);  // NaN stays
  return x < 0.0F ? upper : 1.0F - upper;
}

// gelu_tanh is x sigmoid(2 z), since (1 + tanh z) / 2 is sigmoid(2 z), without cancellation.
__device__ inline float gelu_tanh_inner(float x) { return kSqrt2OverPi * fmaf(kGeluCubic * x * x, x, x); }

__device__ inline float softplus(float x) {
  // NaN fails both comparisons and comes through the sum
  return x > kSoftplusThreshold ? x : (x > 0.0F ? x : 0.0F) + log1pf(expf(-fabsf(x)));
}

__device__ inline float swish_derivative(float x) {
  const Sigmoid s = sigmoid(x);
  return s.value * fmaf(x, s.rest, 1.0F);
}
__device__ inline float gelu_derivative(float x) {
  return fmaf(x * kInvSqrt2Pi, expf(-0.5F * x * x), normal_distribution(x));
}
__device__ inline float gelu_tanh_derivative(float value) {
  // beyond 10, tanh is 1 and the derivative 0 or 1; squares of large numbers would be infinite, and NaN times 0
  const float low = value < -10.0F ? -10.0F : value;
  const float x = low > 10.0F ? 10.0F : low;
  const Sigmoid s = sigmoid(2.0F * gelu_tanh_inner(x));
  const float inner = kSqrt2OverPi * fmaf(3.0F * kGeluCubic * x, x, 1.0F);
  return fmaf(2.0F * x * s.value * s.rest, inner, s.value);
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) activation_forward_by_element(ActivationForward a) {
  const float alpha = a.alpha;
  const auto apply = [&](auto&& f) { map_packs<kPack>(a.size, a.x, a.y, f); };
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
      auto slope = load<count.value>(from + i);
      auto g = load<count.value>(a.dy + i);
      NTL_UNROLL
      for (float& v : slope.v) v = derivative(v);
      if (a.accumulate) {
        const auto before = load<count.value>(a.dx + i);
        NTL_UNROLL
        for (int k = 0; k < count.value; ++k) g.v[k] = fmaf(g.v[k], slope.v[k], before.v[k]);
      } else {
        NTL_UNROLL
        for (int k = 0; k < count.value; ++k) g.v[k] *= slope.v[k];
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
    case Activation::tanh: return apply(a.y, [](float y) { return fmaf(-y, y, 1.0F); });
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
    NTL_LAUNCH((activation_forward_by_element<kFour>), blocks_for_turns(a.size, kFour), dim3(kThreads), 0,
               stream_of(team), a);
  } else {
    NTL_LAUNCH((activation_forward_by_element<1>), blocks_for_turns(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
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
