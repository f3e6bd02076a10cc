#include "nautile/rmsprop.hpp"

#include "nautile/cuda_optimizer.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads, 4) rmsprop_step_by_element(RmspropStep a) {
  const Update& u = a.update;
  const float rate = *u.rate;
  const auto alpha = static_cast<float>(a.alpha);
  const auto share = static_cast<float>(1.0 - a.alpha);
  const bool centered = a.mean != nullptr;
  const bool momentum = a.momentum_buffer != nullptr;
  for_packs<kPack>(u.size, [&](std::int64_t i, auto count) {
    constexpr int kCount = count.value;
    auto p = load<kCount>(u.parameter + i);
    auto g = load<kCount>(u.gradient + i);
    auto square = load<kCount>(a.square + i);
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) {
      g.v[k] = penalized(u, p.v[k], g.v[k]);
      square.v[k] = fmaf(share * g.v[k], g.v[k], alpha * square.v[k]);
    }
    store(a.square + i, square);
    if (centered) {
      auto mean = load<kCount>(a.mean + i);
      NTL_UNROLL
      for (int k = 0; k < kCount; ++k) {
        mean.v[k] = fmaf(share, g.v[k] - mean.v[k], mean.v[k]);
        square.v[k] = fmaf(-mean.v[k], mean.v[k], square.v[k]);
      }
      store(a.mean + i, mean);
    }
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) g.v[k] /= sqrtf(square.v[k]) + a.eps;
    if (momentum) {
      const auto buffer = load<kCount>(a.momentum_buffer + i);
      NTL_UNROLL
      for (int k = 0; k < kCount; ++k) g.v[k] = fmaf(a.momentum, buffer.v[k], g.v[k]);
      store(a.momentum_buffer + i, g);
    }
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) p.v[k] = fmaf(-rate, g.v[k], p.v[k]);
    store(u.parameter + i, p);
  });
}

}  // namespace

void rmsprop_step(const RmspropStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  if (aligned(u.parameter, u.gradient, a.square, a.mean, a.momentum_buffer)) {
    NTL_LAUNCH((rmsprop_step_by_element<kFour>), blocks_for_packs(u.size, kFour), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((rmsprop_step_by_element<1>), blocks_for_packs(u.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
