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
Vec gelu_tanh_derivative(Vec value) {
  // beyond 10, tanh is 1 and the derivative 0 or 1; squares of large numbers would be infinite, and NaN times 0
  const Vec x = at_most(at_least(value, -10.0F), 10.0F);
  const Vec t = tanh(gelu_tanh_inner(x));
  const Vec inner = kSqrt2OverPi * (1.0F + 3.0F * kGeluCubic * x * x);
  return 0.5F * (1.0F + t) + 0.5F * x * (1.0F - t * t) * inner;
}

}  // namespace

// Operands are captured by value: from the arguments they would be read again after every store.
void activation_forward(const ActivationForward& a, std::byte*, const Team& team) {
  with_function(a.function, a.alpha, [&](auto&& f) {
    for_elements(team, a.size, a.y, false, a.x == a.y, [f, x = a.x](auto here) { return f(here(x)); });
  });
}

void activation_backward(const ActivationBackward& a, std::byte*, const Team& team) {
  const float alpha = a.alpha;
  const auto by = [&](const float* from, auto&& derivative) {
    for_elements(team, a.size, a.dx, a.accumulate, a.dx == a.dy,
                 [from, derivative, dy = a.dy](auto here) { return here(dy) * derivative(here(from)); });
  };
  const auto by_x = [&](auto&& derivative) { by(a.x, derivative); };
  const auto by_y = [&](auto&& derivative) { by(a.y, derivative); };
  switch (a.function) {
    case Activation::linear: return by_x([=](Vec) { return splat(1.0F); });
    case Activation::relu: return by_x([=](Vec x) { return x > 0.0F ? splat(1.0F) : Vec{}; });
    case Activation::leaky_relu: return by_x([=](Vec x) { return x > 0.0F ? splat(1.0F) : splat(alpha); });
    case Activation::elu: return by_x([=](Vec x) { return elu_derivative(x, alpha); });
    case Activation::sigmoid: return by_y([=](Vec y) { return y * (1.0F - y); });
    case Activation::tanh: return by_y([=](Vec y) { return 1.0F - y * y; });
    case Activation::swish: return by_x([=](Vec x) { return swish_derivative(x); });
    case Activation::gelu: return by_x([=](Vec x) { return gelu_derivative(x); });
    case Activation::gelu_tanh: return by_x([=](Vec x) { return gelu_tanh_derivative(x); });
    case Activation::softplus: return by_x([=](Vec x) { return x > kSoftplusThreshold ? splat(1.0F) : sigmoid(x); });
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
