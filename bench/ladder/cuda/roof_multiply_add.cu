// What the arithmetic units can do: chains of multiply-adds in registers, 8 a thread so that none waits for its predecessor.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(256) roof_multiply_add_by_thread(Roof p) {
  const float x = p.x[0];  // the compiler must not know them
  const float y = p.x[1];
  for_items(p.floats, [&](std::int64_t i) {
    float chain[8];
    for (int c = 0; c < 8; ++c) chain[c] = static_cast<float>(c);
    for (std::int64_t round = 0; round < p.rounds; ++round) {
      NTL_UNROLL
      for (int c = 0; c < 8; ++c) chain[c] = fmaf(chain[c], x, y);
    }
    float sum = 0.0F;
    for (const float c : chain) sum += c;
    p.y[i] = sum;
  });
}

}  // namespace

void roof_multiply_add(const Roof& p, float* /*scratch*/, const Team& team) {
  NTL_LAUNCH(roof_multiply_add_by_thread, blocks_for(p.floats, 256), dim3(256), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
