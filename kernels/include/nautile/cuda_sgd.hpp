// The step of sgd.cu, for cuda_cluster_calls.hpp too.
#pragma once

#include "nautile/cuda_optimizer.hpp"
#include "nautile/sgd.hpp"

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__device__ void descend(const SgdStep& a) {
  const Update& u = a.update;
  const float rate = *u.rate;
  const bool momentum = a.momentum != 0.0F;
  const bool first = momentum && *u.count <= 1.0F;
  for_packs<kPack>(u.size, [&](std::int64_t i, auto count) {
    constexpr int kCount = count.value;
    auto p = load<kCount>(u.parameter + i);
    auto g = load<kCount>(u.gradient + i);
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) g.v[k] = penalized(u, p.v[k], g.v[k]);
    if (momentum) {
      auto b = g;
      if (!first) b = load<kCount>(a.momentum_buffer + i);
      NTL_UNROLL
      for (int k = 0; k < kCount; ++k) {
        b.v[k] = first ? g.v[k] : fmaf(a.momentum, b.v[k], (1.0F - a.dampening) * g.v[k]);
        g.v[k] = a.nesterov ? fmaf(a.momentum, b.v[k], g.v[k]) : b.v[k];
      }
      store(a.momentum_buffer + i, b);
    }
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) p.v[k] = fmaf(-rate, g.v[k], p.v[k]);
    store(u.parameter + i, p);
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
