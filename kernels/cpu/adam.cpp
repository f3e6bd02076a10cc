#include "nautile/adam.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_optimizer.hpp"

namespace nautile::NTL_TARGET {

void adam_step(const AdamStep& a, std::byte*, const Team& team) {
  const double rate = static_cast<double>(*a.update.rate);
  const double count = static_cast<double>(*a.update.count);
  const auto step_size = static_cast<float>(rate / (1.0 - std::pow(a.beta1, count)));
  const auto root_scale = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(a.beta2, count)));
  const auto share1 = static_cast<float>(1.0 - a.beta1);
  const auto share2 = static_cast<float>(1.0 - a.beta2);
  const auto beta2 = static_cast<float>(a.beta2);
  Update u = a.update;
  float keep = 1.0F;
  if (a.decoupled) {
    keep = static_cast<float>(1.0 - rate * static_cast<double>(u.weight_decay));
    u.weight_decay = 0.0F;
  }
  for_parameters(team, u.size, [&](std::int64_t i, std::int64_t n) {
    const Vec p = load_some(u.parameter + i, n);
    const Vec g = penalized(u, p, load_some(u.gradient + i, n));
    Vec mean = load_some(a.mean + i, n);
    mean += share1 * (g - mean);
    const Vec square = beta2 * load_some(a.square + i, n) + share2 * g * g;
    store_some(a.mean + i, mean, n);
    store_some(a.square + i, square, n);
    store_some(u.parameter + i, keep * p - step_size * mean / (root_scale * sqrt(square) + a.eps), n);
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
