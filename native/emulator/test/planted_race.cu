// Kernels that lack a barrier; the thread sanitizer must name the lines. Argument: tile, warp or blocks.
#include "nautile/cuda.hpp"

#include <cstring>

#include "tests.hpp"

// The barrier at the loop's end is missing: a fast thread overwrites what a slow one still reads.
__global__ void tile_without_second_barrier(const float* x, float* y, int steps) {
  NTL_SHARED(float, tile, [64]);
  float sum = 0;
  for (int step = 0; step < steps; ++step) {
    tile[threadIdx.x] = x[step * 64 + static_cast<int>(threadIdx.x)];  // planted: tile
    __syncthreads();
    sum += tile[63 - threadIdx.x];  // planted: tile
  }
  y[threadIdx.x] = sum;
}

// A shuffle does not order memory: __syncwarp is missing.
__global__ void shuffle_as_barrier(float* y) {
  NTL_SHARED(float, values, [32]);
  values[threadIdx.x] = static_cast<float>(threadIdx.x);  // planted: warp
  const int other = __shfl_xor_sync(0xffffffffu, static_cast<int>(threadIdx.x), 1);
  y[threadIdx.x] = values[other];  // planted: warp
}

// Two blocks add to one number without an atomic.
__global__ void blocks_add(float* y) {
  if (threadIdx.x == 0) y[0] += 1;  // planted: blocks
}

int main(int, char** arguments) {
  DeviceArray<float> x(std::vector<float>(256, 1.0f));
  DeviceArray<float> y(std::vector<float>(64, 0.0f));
  if (std::strcmp(arguments[1], "tile") == 0) {
    NTL_LAUNCH(tile_without_second_barrier, 1, 64, 0, nullptr, x.data(), y.data(), 4);
  } else if (std::strcmp(arguments[1], "warp") == 0) {
    NTL_LAUNCH(shuffle_as_barrier, 1, 32, 0, nullptr, y.data());
  } else {
    NTL_LAUNCH(blocks_add, 2, 32, 0, nullptr, y.data());
  }
  CHECK_CUDA(cudaDeviceSynchronize());
  return 0;
}
