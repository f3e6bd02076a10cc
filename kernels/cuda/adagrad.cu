#include "nautile/adagrad.hpp"

#include "nautile/cuda_optimizer.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads) adagrad_step_by_element(AdagradStep a) {
  const Update& u = a.update;
  const float rate = *u.rate / (1.0F + (*u.count - 1.0F) * a.lr_decay);
  for_packs<kPack>(u.size, [&](std::int64_t i, auto count) {
    constexpr int kCount = count.value;
    auto p = load<kCount>(u.parameter + i);
    auto sum = load<kCount>(a.sum + i);
    const auto gradient = load<kCount>(u.gradient + i);
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) {
      const float g = penalized(u, p.v[k], gradient.v[k]);
      sum.v[k] = fmaf(g, g, sum.v[k]);
      p.v[k] -= rate * g / (sqrtf(sum.v[k]) + a.eps);
    }
    store(a.sum + i, sum);
    store(u.parameter + i, p);
  });
}

}  // namespace

void adagrad_step(const AdagradStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  if (aligned(u.parameter, u.gradient, a.sum)) {
    NTL_LAUNCH((adagrad_step_by_element<kFour>), blocks_for_packs(u.size, kFour), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((adagrad_step_by_element<1>), blocks_for_packs(u.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
