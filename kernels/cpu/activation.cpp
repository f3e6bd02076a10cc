#include "nautile/activation.hpp"

#include <cstddef>
#include <cstdint>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_activation.hpp"

namespace nautile::NTL_TARGET {
namespace {

// dy/dx of x.
Vec elu_derivative(Vec x, float alpha) { return x > 0.0F ? splat(1.0F) : alpha * exp(x); }
Vec swish_derivative(Vec x) {
  const Vec s = sigmoid(x);
  return s * (1.0F + x * (1.0F - s));
}
Vec gelu_derivative(Vec x) { return normal_distribution(x) + x * kInvSqrt2Pi * exp(-0.5F * x * x); }
Vec gelu_tanh_derivative(Vec value) {
  // beyond 10, tanh is 1 and the derivative 0 or 1; squares of large numbers would be infinite, and NaN times 0
  const Vec low = value < -10.0F ? splat(-10.0F) : value;
  const Vec x = low > 10.0F ? splat(10.0F) : low;
  const Vec t = tanh(gelu_tanh_inner(x));
  const Vec inner = kSqrt2OverPi * (1.0F + 3.0F * kGeluCubic * x * x);
  return 0.5F * (1.0F + t) + 0.5F * x * (1.0F - t * t) * inner;
}

// dx (+)= dy * derivative(x, y), by vectors.
template <typename F>
void backward(const ActivationBackward& a, const Team& team, F&& derivative) {
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    const float* x = a.x + begin;
    const float* y = a.y + begin;
    const float* dy = a.dy + begin;
    float* dx = a.dx + begin;
    for_vectors(count, [&](std::int64_t i, std::int64_t n) {
      if (n == kLanes) {
        const Vec g = load(dy + i) * derivative(load(x + i), load(y + i));
        store(dx + i, a.accumulate ? load(dx + i) + g : g);
      } else {
        const Vec g = load(dy + i, n) * derivative(load(x + i, n), load(y + i, n));
        store(dx + i, a.accumulate ? load(dx + i, n) + g : g, n);
      }
    });
  });
}

}  // namespace

void activation_forward(const ActivationForward& a, std::byte*, const Team& team) {
  with_function(a.function, a.alpha, [&](auto&& f) {
    for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t n) { map(a.x + begin, a.y + begin, n, f); });
  });
}

void activation_backward(const ActivationBackward& a, std::byte*, const Team& team) {
  const float alpha = a.alpha;
  const auto apply = [&](auto&& derivative) { backward(a, team, derivative); };
  switch (a.function) {
    case Activation::linear: return apply([=](Vec, Vec) { return splat(1.0F); });
    case Activation::relu: return apply([=](Vec x, Vec) { return x > 0.0F ? splat(1.0F) : Vec{}; });
    case Activation::leaky_relu: return apply([=](Vec x, Vec) { return x > 0.0F ? splat(1.0F) : splat(alpha); });
    case Activation::elu: return apply([=](Vec x, Vec) { return elu_derivative(x, alpha); });
    case Activation::sigmoid: return apply([=](Vec, Vec y) { return y * (1.0F - y); });
    case Activation::tanh: return apply([=](Vec, Vec y) { return 1.0F - y * y; });
    case Activation::swish: return apply([=](Vec x, Vec) { return swish_derivative(x); });
    case Activation::gelu: return apply([=](Vec x, Vec) { return gelu_derivative(x); });
    case Activation::gelu_tanh: return apply([=](Vec x, Vec) { return gelu_tanh_derivative(x); });
    case Activation::softplus:
      return apply([=](Vec x, Vec) { return x > kSoftplusThreshold ? splat(1.0F) : sigmoid(x); });
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
