#include "nautile/scale.hpp"

#include "nautile/cuda_grid.hpp"

// A thread takes four elements at a time, or one where the memory is not aligned. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads) scale_forward_by_element(ScaleForward a) {
  for_packs<kPack>(
      a.size, [&](std::int64_t i, auto count) { return load<count.value>(a.x + i); },
      [&](std::int64_t i, auto, auto v) {
        NTL_UNROLL
        for (float& x : v.v) x = fmaf(a.alpha, x, a.beta);
        store(a.y + i, v);
      });
}

}  // namespace

void scale_forward(const ScaleForward& a, std::byte*, const Team& team) {
  if (aligned(a.x, a.y)) {
    NTL_LAUNCH((scale_forward_by_element<kFour>), blocks_for_turns(a.size, kFour), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((scale_forward_by_element<1>), blocks_for_turns(a.size, 1), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
