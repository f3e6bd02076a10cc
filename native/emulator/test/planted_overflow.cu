// Kernels that write past the end of an array; the address sanitizer must name the line. Argument: global or shared.
#include "nautile/cuda.hpp"

#include <cstring>

#include "tests.hpp"

__global__ void past_global(float* x, unsigned n) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) x[i] = 1;  // planted: global
}

__global__ void past_shared(float* x) {
  NTL_SHARED(float, tile, [8][33]);
  NTL_SHARED(float, other, [32]);
  other[threadIdx.x] = 1;
  __syncthreads();
  float* const flat = &tile[0][0];
  flat[threadIdx.x == 7 ? 8 * 33 : threadIdx.x] = 1;  // planted: shared
  __syncthreads();
  x[threadIdx.x] = tile[0][threadIdx.x] + other[threadIdx.x];
}

int main(int, char** arguments) {
  if (std::strcmp(arguments[1], "global") == 0) {
    DeviceArray<float> x(100);
    NTL_LAUNCH(past_global, 4, 32, 0, nullptr, x.data(), 100u);
  } else {
    DeviceArray<float> x(32);
    NTL_LAUNCH(past_shared, 1, 32, 0, nullptr, x.data());
  }
  return 0;
}
