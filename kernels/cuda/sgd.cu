#include "nautile/sgd.hpp"

#include "nautile/cuda_sgd.hpp"

// One thread for four elements, or for one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads) sgd_step_by_element(SgdStep a) {
  descend<kPack>(a);
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
