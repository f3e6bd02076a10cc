#include "nautile/pointwise_loss.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_double.hpp"
#include "nautile/vec_math.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr float kLogFloor = -100.0F;   // PyTorch's bound of the logarithms of bce, so that a loss stays finite
constexpr float kSlopeFloor = 1e-12F;  // and of x (1 - x) in the derivative
constexpr std::int64_t kBlock = 512;   // losses that are kept in float before they are added up in double

struct Element {
  Vec x;
  Vec t;  // the target
  Vec q;  // the weight of positive targets
};

Vec bounded(Vec log) { return log < kLogFloor ? splat(kLogFloor) : log; }

// log(1 + e^z) and log(1 + e^-z); both at once, for neither may be the other minus z.
struct Softplus {
  Vec up;
  Vec down;
};
Softplus softplus(Vec z) {
  const Vec near = log1p_unit(exp(-magnitude(z)));
  return {(z < 0.0F ? Vec{} : z) + near, (z > 0.0F ? Vec{} : -z) + near};  // NaN passes
}

Vec huber(Vec d, float delta) {
  const Vec size = magnitude(d);
  return size > delta ? delta * (size - 0.5F * delta) : 0.5F * d * d;
}
Vec bce(const Element& e) { return (e.t - 1.0F) * bounded(log1p(-e.x)) - e.t * bounded(log(e.x)); }
Vec bce_with_logits(const Element& e) {
  const Softplus s = softplus(e.x);
  return (1.0F - e.t) * s.up + e.q * e.t * s.down;
}
Vec kl_div(const Element& e) { return (e.t == 0.0F ? Vec{} : e.t * log(e.t)) - e.t * e.x; }

// The derivative by x.
Vec l1_derivative(Vec d) { return d > 0.0F ? splat(1.0F) : (d < 0.0F ? splat(-1.0F) : d); }
Vec huber_derivative(Vec d, float delta) { return d > delta ? splat(delta) : (d < -delta ? splat(-delta) : d); }
Vec bce_derivative(const Element& e) {
  const Vec slope = (1.0F - e.x) * e.x;
  return (e.x - e.t) / (slope < kSlopeFloor ? splat(kSlopeFloor) : slope);
}
Vec bce_with_logits_derivative(const Element& e) {
  const Vec small = exp(-magnitude(e.x));
  const Vec large = 1.0F / (1.0F + small);
  const Vec rest = small * large;
  const Vec up = e.x < 0.0F ? rest : large;
  const Vec down = e.x < 0.0F ? large : rest;
  return (1.0F - e.t) * up - e.q * e.t * down;
}

// The derivative by the target, where it is not minus the one by x.
Vec bce_with_logits_derivative_by_target(const Element& e) {
  const Softplus s = softplus(e.x);
  return e.q * s.down - s.up;
}

// g(f) with the function's formula f(element).
template <typename G>
void with_formula(PointwiseLoss function, float delta, G&& g) {
  switch (function) {
    case PointwiseLoss::mse: return g([=](const Element& e) { return (e.x - e.t) * (e.x - e.t); });
    case PointwiseLoss::l1: return g([=](const Element& e) { return magnitude(e.x - e.t); });
    case PointwiseLoss::huber: return g([=](const Element& e) { return huber(e.x - e.t, delta); });
    case PointwiseLoss::bce: return g([=](const Element& e) { return bce(e); });
    case PointwiseLoss::bce_with_logits: return g([=](const Element& e) { return bce_with_logits(e); });
    case PointwiseLoss::kl_div: return g([=](const Element& e) { return kl_div(e); });
    case PointwiseLoss::kl_div_log_target: return g([=](const Element& e) { return exp(e.t) * (e.t - e.x); });
  }
}

template <typename G>
void with_derivative(PointwiseLoss function, float delta, bool by_target, G&& g) {
  const float sign = by_target ? -1.0F : 1.0F;
  switch (function) {
    case PointwiseLoss::mse: return g([=](const Element& e) { return sign * 2.0F * (e.x - e.t); });
    case PointwiseLoss::l1: return g([=](const Element& e) { return sign * l1_derivative(e.x - e.t); });
    case PointwiseLoss::huber: return g([=](const Element& e) { return sign * huber_derivative(e.x - e.t, delta); });
    case PointwiseLoss::bce:
      if (by_target) return g([=](const Element& e) { return bounded(log1p(-e.x)) - bounded(log(e.x)); });
      return g([=](const Element& e) { return bce_derivative(e); });
    case PointwiseLoss::bce_with_logits:
      if (by_target) return g([=](const Element& e) { return bce_with_logits_derivative_by_target(e); });
      return g([=](const Element& e) { return bce_with_logits_derivative(e); });
    case PointwiseLoss::kl_div:
      if (by_target) return g([=](const Element& e) { return log(e.t) + 1.0F - e.x; });
      return g([=](const Element& e) { return -e.t; });
    case PointwiseLoss::kl_div_log_target:
      if (by_target) return g([=](const Element& e) { return exp(e.t) * (e.t - e.x + 1.0F); });
      return g([=](const Element& e) { return -exp(e.t); });
  }
}

// weight f(element) for the elements that `get` loads.
template <typename Args, typename F, typename Get>
inline Vec term(const Args& a, F&& f, Get&& get) {
  const Vec one = splat(1.0F);
  const Vec value = f(Element{get(a.x), get(a.target), a.pos_weight != nullptr ? get(a.pos_weight) : one});
  return a.weight != nullptr ? get(a.weight) * value : value;
}

template <typename F>
void put_losses(const PointwiseLossForward& a, std::int64_t begin, std::int64_t count, float* losses, F&& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    store(losses + i, term(a, f, [=](const float* p) { return load(p + begin + i); }));
  }
  const std::int64_t n = count - i;
  if (n > 0) store(losses + i, term(a, f, [=](const float* p) { return load(p + begin + i, n); }), n);
}

template <typename F>
double sum_of_losses(const PointwiseLossForward& a, std::int64_t begin, std::int64_t count, F&& f) {
  double total = 0.0;
  for (std::int64_t i = 0; i < count; i += kBlock) {
    float losses[kBlock];
    const std::int64_t n = count - i < kBlock ? count - i : kBlock;
    put_losses(a, begin + i, n, losses, f);
    total += sum_double(losses, n, [=](auto v) { return v; });
  }
  return total;
}

}  // namespace

void pointwise_loss_forward(const PointwiseLossForward& a, std::byte* workspace, const Team& team) {
  auto* sums = reinterpret_cast<double*>(workspace);
  with_formula(a.function, a.delta, [&](auto&& f) {
    for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
      if (a.reduction == LossReduction::none) {
        put_losses(a, begin, count, a.loss + begin, f);
      } else {
        sums[begin / kChunk] = sum_of_losses(a, begin, count, f);
      }
    });
  });
  if (a.reduction == LossReduction::none) return;
  team.barrier();
  if (team.rank != 0) return;
  double total = 0.0;
  for (std::int64_t i = 0; i < chunks(a.size); ++i) total += sums[i];
  if (a.reduction == LossReduction::mean) total /= static_cast<double>(a.size);
  *a.loss = static_cast<float>(total);
}

void pointwise_loss_backward(const PointwiseLossBackward& a, std::byte*, const Team& team) {
  Vec all{};  // the gradient by every loss, unless each has its own
  if (a.reduction == LossReduction::sum) all = splat(*a.dloss);
  if (a.reduction == LossReduction::mean) all = splat(*a.dloss / static_cast<float>(a.size));
  with_derivative(a.function, a.delta, a.by_target, [&](auto&& f) {
    const auto gradient = [&](auto&& get) {
      const Vec d = term(a, f, get) * (a.reduction == LossReduction::none ? get(a.dloss) : all);
      return a.accumulate ? get(a.dx) + d : d;
    };
    for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
      const std::int64_t end = begin + count;
      std::int64_t i = begin;
      for (; i + kLanes <= end; i += kLanes) {
        store(a.dx + i, gradient([=](const float* p) { return load(p + i); }));
      }
      const std::int64_t n = end - i;
      if (n > 0) store(a.dx + i, gradient([=](const float* p) { return load(p + i, n); }), n);
    });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
