#include "nautile/sgd.hpp"

#include "nautile/cuda_optimizer.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads) sgd_step_by_element(SgdStep a) {
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

void sgd_step(const SgdStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  if (aligned(u.parameter, u.gradient, a.momentum_buffer)) {
    NTL_LAUNCH((sgd_step_by_element<kFour>), blocks_for_packs(u.size, kFour), dim3(kThreads), 0, stream_of(team), a);
  } else {
    NTL_LAUNCH((sgd_step_by_element<1>), blocks_for_packs(u.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
