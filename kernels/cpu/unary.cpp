#include "nautile/unary.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_precise.hpp"

namespace nautile::NTL_TARGET {
namespace {

Vec sign(Vec x) { return x > 0.0F ? splat(1.0F) : x < 0.0F ? splat(-1.0F) : Vec{}; }

// dx (+)= derivative(dy, from), with from x or y.
template <typename F>
void backward(const UnaryBackward& a, const Team& team, const float* all, F&& derivative) {
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    const float* from = all + begin;
    const float* dy = a.dy + begin;
    float* dx = a.dx + begin;
    for_vectors(count, [&](std::int64_t i, std::int64_t n) {
      if (n == kLanes) {
        const Vec g = derivative(load(dy + i), load(from + i));
        store(dx + i, a.accumulate ? load(dx + i) + g : g);
      } else {
        const Vec g = derivative(load(dy + i, n), load(from + i, n));
        store(dx + i, a.accumulate ? load(dx + i, n) + g : g, n);
      }
    });
  });
}

}  // namespace

void unary_forward(const UnaryForward& a, std::byte*, const Team& team) {
  const float low = a.low;
  const float high = a.high;
  const auto apply = [&](auto&& f) {
    for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t n) { map(a.x + begin, a.y + begin, n, f); });
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
  const auto apply = [&](const float* from, auto&& derivative) { backward(a, team, from, derivative); };
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
