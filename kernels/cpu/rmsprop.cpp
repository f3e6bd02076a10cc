#include "nautile/rmsprop.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_optimizer.hpp"

namespace nautile::NTL_TARGET {

void rmsprop_step(const RmspropStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  const float rate = *u.rate;
  const auto alpha = static_cast<float>(a.alpha);
  const auto share = static_cast<float>(1.0 - a.alpha);
  for_parameters(team, u.size, [&](std::int64_t i, std::int64_t n) {
    const Vec p = load_some(u.parameter + i, n);
    const Vec g = penalized(u, p, load_some(u.gradient + i, n));
    const Vec square = alpha * load_some(a.square + i, n) + share * g * g;
    store_some(a.square + i, square, n);
    Vec variance = square;
    if (a.mean != nullptr) {
      Vec mean = load_some(a.mean + i, n);
      mean += share * (g - mean);
      store_some(a.mean + i, mean, n);
      variance -= mean * mean;
    }
    Vec change = g / (sqrt(variance) + a.eps);
    if (a.momentum_buffer != nullptr) {
      change += a.momentum * load_some(a.momentum_buffer + i, n);
      store_some(a.momentum_buffer + i, change, n);
    }
    store_some(u.parameter + i, p - rate * change, n);
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
