#include "nautile/sgd.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The new parameters of a vector; `buffer` is read and written when there is momentum.
Vec step(const SgdStep& a, Vec p, Vec gradient, Vec& buffer) {
  Vec g = a.weight_decay == 0.0F ? gradient : gradient + a.weight_decay * p;
  if (a.momentum != 0.0F) {
    buffer = a.first ? g : a.momentum * buffer + (1.0F - a.dampening) * g;
    g = a.nesterov ? g + a.momentum * buffer : buffer;
  }
  return p - a.lr * g;
}

}  // namespace

void sgd_step(const SgdStep& a, std::byte*, const Team& team) {
  const bool momentum = a.momentum != 0.0F;
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    float* p = a.parameter + begin;
    const float* g = a.gradient + begin;
    float* b = momentum ? a.momentum_buffer + begin : nullptr;
    for_vectors(count, [&](std::int64_t i, std::int64_t n) {
      Vec buffer{};
      if (n == kLanes) {
        if (momentum && !a.first) buffer = load(b + i);
        store(p + i, step(a, load(p + i), load(g + i), buffer));
        if (momentum) store(b + i, buffer);
      } else {
        if (momentum && !a.first) buffer = load(b + i, n);
        store(p + i, step(a, load(p + i, n), load(g + i, n), buffer), n);
        if (momentum) store(b + i, buffer, n);
      }
    });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
