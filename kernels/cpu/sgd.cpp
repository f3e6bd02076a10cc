#include "nautile/sgd.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_optimizer.hpp"

namespace nautile::NTL_TARGET {

void sgd_step(const SgdStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  const float rate = *u.rate;
  const bool momentum = a.momentum != 0.0F;
  const bool first = momentum && *u.count <= 1.0F;
  for_parameters(team, u.size, [&](std::int64_t i, std::int64_t n) {
    const Vec p = load_some(u.parameter + i, n);
    Vec g = penalized(u, p, load_some(u.gradient + i, n));
    if (momentum) {
      Vec buffer = g;
      if (!first) buffer = a.momentum * load_some(a.momentum_buffer + i, n) + (1.0F - a.dampening) * g;
      store_some(a.momentum_buffer + i, buffer, n);
      g = a.nesterov ? g + a.momentum * buffer : buffer;
    }
    store_some(u.parameter + i, p - rate * g, n);
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
