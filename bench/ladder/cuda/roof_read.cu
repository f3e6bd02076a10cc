// What the memory can do: every float is read, four at a time, and each thread keeps a sum.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(256) roof_read_by_thread(Roof p) {
  float sum = 0.0F;
  for (std::int64_t round = 0; round < p.rounds; ++round) {
    for_packs<4>(
        p.floats, [&](std::int64_t i, auto count) { return load<count.value>(p.x + i); },
        [&](std::int64_t, auto, auto run) {
          for (const float e : run.v) sum += e;
        });
  }
  if (sum == -1.0F)
    p.y[0] = sum;  // never with the ones that it is given; without it the compiler would leave out the loop
}

}  // namespace

void roof_read(const Roof& p, float* /*scratch*/, const Team& team) {
  NTL_LAUNCH(roof_read_by_thread, blocks_for_turns(p.floats, 4), dim3(256), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
