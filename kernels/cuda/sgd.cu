#include "nautile/sgd.hpp"

#include "nautile/cuda_grid.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads) sgd_step_by_element(SgdStep a) {
  const bool momentum = a.momentum != 0.0F;
  for_packs<kPack>(a.size, [&](std::int64_t i, auto count) {
    constexpr int kCount = count.value;
    auto p = load<kCount>(a.parameter + i);
    auto g = load<kCount>(a.gradient + i);
    auto b = g;
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) {
      if (a.weight_decay != 0.0F) g.v[k] += a.weight_decay * p.v[k];
    }
    if (momentum) {
      if (!a.first) b = load<kCount>(a.momentum_buffer + i);
      NTL_UNROLL
      for (int k = 0; k < kCount; ++k) {
        b.v[k] = a.first ? g.v[k] : a.momentum * b.v[k] + (1.0F - a.dampening) * g.v[k];
        g.v[k] = a.nesterov ? g.v[k] + a.momentum * b.v[k] : b.v[k];
      }
      store(a.momentum_buffer + i, b);
    }
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) p.v[k] -= a.lr * g.v[k];
    store(a.parameter + i, p);
  });
}

}  // namespace

void sgd_step(const SgdStep& a, std::byte*, const Team& team) {
  if (aligned(a.parameter, a.gradient, a.momentum_buffer)) {
    NTL_LAUNCH((sgd_step_by_element<kFour>), blocks_for_packs(a.size, kFour), dim3(kThreads), 0, stream_of(team), a);
  } else {
    NTL_LAUNCH((sgd_step_by_element<1>), blocks_for_packs(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
