#include "nautile/adam.hpp"

#include "nautile/cuda_optimizer.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

// What is the same for all elements.
struct Factors {
  float step_size;
  float root_scale;
  float keep;
};

// 1 - beta^count = -expm1(count log beta): in float without loss, where double would take longer than the elements.
__device__ inline Factors factors(const AdamStep& a, float log_beta1, float log_beta2) {
  const float rate = *a.update.rate;
  const float count = *a.update.count;
  return {rate / -expm1f(count * log_beta1), 1.0F / sqrtf(-expm1f(count * log_beta2)),
          a.decoupled ? 1.0F - rate * a.update.weight_decay : 1.0F};
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) adam_step_by_element(AdamStep a, float log_beta1, float log_beta2) {
  Update u = a.update;
  const Factors f = factors(a, log_beta1, log_beta2);
  if (a.decoupled) u.weight_decay = 0.0F;
  const auto share1 = static_cast<float>(1.0 - a.beta1);
  const auto share2 = static_cast<float>(1.0 - a.beta2);
  const auto beta2 = static_cast<float>(a.beta2);
  for_packs<kPack>(u.size, [&](std::int64_t i, auto count) {
    constexpr int kCount = count.value;
    auto p = load<kCount>(u.parameter + i);
    auto mean = load<kCount>(a.mean + i);
    auto square = load<kCount>(a.square + i);
    const auto gradient = load<kCount>(u.gradient + i);
    NTL_UNROLL
    for (int k = 0; k < kCount; ++k) {
      const float g = penalized(u, p.v[k], gradient.v[k]);
      mean.v[k] = fmaf(share1, g - mean.v[k], mean.v[k]);
      square.v[k] = fmaf(share2 * g, g, beta2 * square.v[k]);
      const float step = f.step_size * mean.v[k] / fmaf(f.root_scale, sqrtf(square.v[k]), a.eps);
      p.v[k] = fmaf(f.keep, p.v[k], -step);
    }
    store(a.mean + i, mean);
    store(a.square + i, square);
    store(u.parameter + i, p);
  });
}

}  // namespace

void adam_step(const AdamStep& a, std::byte*, const Team& team) {
  const Update& u = a.update;
  const auto log1 = static_cast<float>(std::log(a.beta1));
  const auto log2 = static_cast<float>(std::log(a.beta2));
  if (aligned(u.parameter, u.gradient, a.mean, a.square)) {
    NTL_LAUNCH((adam_step_by_element<kFour>), blocks_for_packs(u.size, kFour), dim3(kThreads), 0, stream_of(team), a,
               log1, log2);
  } else {
    NTL_LAUNCH((adam_step_by_element<1>), blocks_for_packs(u.size, 1), dim3(kThreads), 0, stream_of(team), a, log1,
               log2);
  }
}

}  // namespace nautile::NTL_TARGET
