#include "nautile/adagrad.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_optimizer.hpp"

namespace nautile::NTL_TARGET {

void adagrad_step(const AdagradStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  const float rate = *u.rate / (1.0F + (*u.count - 1.0F) * a.lr_decay);
  for_parameters(team, u.size, [&](std::int64_t i, std::int64_t n) {
    const Vec p = load_some(u.parameter + i, n);
    const Vec g = penalized(u, p, load_some(u.gradient + i, n));
    const Vec sum = load_some(a.sum + i, n) + g * g;
    store_some(a.sum + i, sum, n);
    store_some(u.parameter + i, p - rate * g / (sqrt(sum) + a.eps), n);
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
