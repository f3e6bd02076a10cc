// What the tensor cores can do with TF32, by the instruction that the ladder uses: 8 products of 16 x 8 by 8 x 8 under way in each
// warp. (Hopper's own instructions, of four warps together, do more.)
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(256) roof_tensor_multiply_add_by_warp(Roof p) {
  const std::uint32_t x = cuda::round_tf32(p.x[0]);  // the compiler must not know it
  const std::uint32_t left[4] = {x, x, x, x};
  const std::uint32_t right[2] = {x, x};
  float tile[8][4] = {};
  for (std::int64_t round = 0; round < p.rounds; ++round) {
    NTL_UNROLL
    for (int t = 0; t < 8; ++t) cuda::mma_m16n8k8_tf32(tile[t], left, right, tile[t]);
  }
  float sum = 0.0F;
  for (int t = 0; t < 8; ++t) sum += tile[t][0] + tile[t][1] + tile[t][2] + tile[t][3];
  const std::int64_t i = std::int64_t{blockIdx.x} * 256 + threadIdx.x;
  if (i < p.floats) p.y[i] = sum;
}

}  // namespace

void roof_tensor_multiply_add(const Roof& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.floats, 256)));
  NTL_LAUNCH(roof_tensor_multiply_add_by_warp, grid, dim3(256), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
