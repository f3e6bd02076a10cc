#include "nautile/unary.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_precise.hpp"

namespace nautile::NTL_TARGET {
namespace {

Vec sign(Vec x) { return x > 0.0F ? splat(1.0F) : x < 0.0F ? splat(-1.0F) : Vec{}; }

}  // namespace

void unary_forward(const UnaryForward& a, std::byte*, const Team& team) {
  const float low = a.low;
  const float high = a.high;
  const auto apply = [&](auto&& f) {
    for_elements(team, a.size, a.y, false, a.x == a.y, [f, x = a.x](auto here) { return f(here(x)); });
  };
  switch (a.function) {
    case Unary::exp: return apply([=](Vec x) { return exp(x); });
    case Unary::log: return apply([=](Vec x) { return log(x); });
    case Unary::sqrt: return apply([=](Vec x) { return sqrt(x); });
    case Unary::rsqrt: return apply([=](Vec x) { return 1.0F / sqrt(x); });
    case Unary::abs: return apply([=](Vec x) { return magnitude(x); });
    case Unary::neg: return apply([=](Vec x) { return -x; });
    case Unary::square: return apply([=](Vec x) { return x * x; });
    case Unary::reciprocal: return apply([=](Vec x) { return 1.0F / x; });
    case Unary::sin: return apply([=](Vec x) { return sin(x); });
    case Unary::cos: return apply([=](Vec x) { return cos(x); });
    case Unary::sign: return apply([=](Vec x) { return sign(x); });
    case Unary::floor: return apply([=](Vec x) { return floor(x); });
    case Unary::clamp:
      return apply([=](Vec x) {  // NaN stays
        const Vec above = x < low ? splat(low) : x;
        return above > high ? splat(high) : above;
      });
  }
}

void unary_backward(const UnaryBackward& a, std::byte*, const Team& team) {
  const float low = a.low;
  const float high = a.high;
  const auto apply = [&](const float* from, auto&& derivative) {
    for_elements(team, a.size, a.dx, a.accumulate, a.dx == a.dy,
                 [from, derivative, dy = a.dy](auto here) { return derivative(here(dy), here(from)); });
  };
  switch (a.function) {
    case Unary::exp: return apply(a.y, [=](Vec dy, Vec y) { return dy * y; });
    case Unary::log: return apply(a.x, [=](Vec dy, Vec x) { return dy / x; });
    case Unary::sqrt: return apply(a.y, [=](Vec dy, Vec y) { return dy / (2.0F * y); });
    case Unary::rsqrt: return apply(a.y, [=](Vec dy, Vec y) { return -0.5F * dy * y * y * y; });
    case Unary::abs: return apply(a.x, [=](Vec dy, Vec x) { return dy * sign(x); });
    case Unary::neg: return apply(a.dy, [=](Vec dy, Vec) { return -dy; });
    case Unary::square: return apply(a.x, [=](Vec dy, Vec x) { return 2.0F * (dy * x); });
    case Unary::reciprocal: return apply(a.y, [=](Vec dy, Vec y) { return -dy * y * y; });
    case Unary::sin: return apply(a.x, [=](Vec dy, Vec x) { return dy * cos(x); });
    case Unary::cos: return apply(a.x, [=](Vec dy, Vec x) { return -dy * sin(x); });
    case Unary::sign:
    case Unary::floor: return apply(a.dy, [=](Vec, Vec) { return Vec{}; });
    case Unary::clamp: return apply(a.x, [=](Vec dy, Vec x) { return (x >= low) & (x <= high) ? dy : Vec{}; });
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
