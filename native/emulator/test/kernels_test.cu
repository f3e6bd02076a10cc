// Kernels as Nautile has them: tiles with cp.async in two buffers, shuffles, mma. All orders of threads give the same
// bits.
#include "nautile/cuda.hpp"

#include <cmath>
#include <cstring>

#include "tests.hpp"

using namespace nautile::cuda;

namespace {

// C = A * B, row-major; a block computes Tile x Tile, a thread 4 x 4 of it.
template <int Tile, int Depth>
__global__ void __launch_bounds__(Tile* Tile / 16)
    tiled_sgemm(int m, int n, int k, const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c) {
  constexpr int kThreads = Tile * Tile / 16;
  NTL_SHARED(float, left, [2][Tile][Depth]);
  NTL_SHARED(float, right, [2][Depth][Tile]);
  const int t = static_cast<int>(threadIdx.x);
  const int row0 = static_cast<int>(blockIdx.y) * Tile;
  const int column0 = static_cast<int>(blockIdx.x) * Tile;
  const int steps = (k + Depth - 1) / Depth;
  const auto load = [&](int step) {
    const int k0 = step * Depth;
    for (int i = t; i < Tile * Depth; i += kThreads) {
      const int row = i / Depth;
      const int inner = i % Depth;
      const bool inside = row0 + row < m && k0 + inner < k;
      cp_async_4(&left[step % 2][row][inner], inside ? a + (row0 + row) * k + k0 + inner : a, inside);
    }
    for (int i = t; i < Tile * Depth; i += kThreads) {
      const int inner = i / Tile;
      const int column = i % Tile;
      const bool inside = k0 + inner < k && column0 + column < n;
      cp_async_4(&right[step % 2][inner][column], inside ? b + (k0 + inner) * n + column0 + column : b, inside);
    }
    cp_async_commit();
  };

  float sum[4][4] = {};
  const int row = t / (Tile / 4) * 4;
  const int column = t % (Tile / 4) * 4;
  load(0);
  for (int step = 0; step < steps; ++step) {
    if (step + 1 < steps) {
      load(step + 1);
      cp_async_wait<1>();
    } else {
      cp_async_wait<0>();
    }
    __syncthreads();
    for (int inner = 0; inner < Depth; ++inner) {
      for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) {
          sum[i][j] = fmaf(left[step % 2][row + i][inner], right[step % 2][inner][column + j], sum[i][j]);
        }
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      if (row0 + row + i < m && column0 + column + j < n) c[(row0 + row + i) * n + column0 + column + j] = sum[i][j];
    }
  }
}

std::vector<float> values(int count, float step) {
  std::vector<float> v(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) v[static_cast<std::size_t>(i)] = std::sin(static_cast<float>(i) * step);
  return v;
}

template <int Tile, int Depth>
void sgemm(int m, int n, int k) {
  const std::vector<float> a = values(m * k, 0.7f);
  const std::vector<float> b = values(k * n, 1.3f);
  const DeviceArray<float> on_device_a(a);
  const DeviceArray<float> on_device_b(b);
  std::vector<float> first;
  for (const std::uint64_t seed : {0, 7, 8}) {
    emulated::set_seed(seed);
    const DeviceArray<float> c(static_cast<std::size_t>(m * n));
    NTL_LAUNCH((tiled_sgemm<Tile, Depth>),
               dim3(static_cast<unsigned>(n + Tile - 1) / Tile, static_cast<unsigned>(m + Tile - 1) / Tile),
               dim3(Tile * Tile / 16), 0, nullptr, m, n, k, on_device_a.data(), on_device_b.data(), c.data());
    CHECK_CUDA(cudaGetLastError());
    const std::vector<float> got = c.host();
    if (first.empty()) first = got;
    CHECK(std::memcmp(first.data(), got.data(), got.size() * sizeof(float)) == 0, "another order, other bits");
  }
  emulated::set_seed(0);
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int inner = 0; inner < k; ++inner) {
        sum += static_cast<double>(a[static_cast<std::size_t>(i * k + inner)]) *
               b[static_cast<std::size_t>(inner * n + j)];
      }
      CHECK(std::fabs(first[static_cast<std::size_t>(i * n + j)] - sum) < 1e-4, "[%d][%d] of %dx%dx%d", i, j, m, n, k);
    }
  }
}

template <typename F>
__device__ __forceinline__ float over_warp(float v, F f) {
  for (int offset = 16; offset > 0; offset /= 2) v = f(v, __shfl_xor_sync(0xffffffffu, v, offset));
  return v;
}
// The result is valid in all threads; `scratch` holds one value per warp.
template <typename F>
__device__ __forceinline__ float over_block(float v, float* scratch, float neutral, F f) {
  const unsigned lane = threadIdx.x % 32;
  v = over_warp(v, f);
  __syncthreads();  // the scratch of the last call has been read
  if (lane == 0) scratch[threadIdx.x / 32] = v;
  __syncthreads();
  return over_warp(lane < blockDim.x / 32 ? scratch[lane] : neutral, f);
}

__global__ void softmax_rows(int columns, const float* x, float* y) {
  NTL_SHARED(float, scratch, [32]);
  const float* row = x + static_cast<int>(blockIdx.x) * columns;
  float* out = y + static_cast<int>(blockIdx.x) * columns;
  const int first = static_cast<int>(threadIdx.x);
  const int step = static_cast<int>(blockDim.x);
  float top = -INFINITY;
  for (int i = first; i < columns; i += step) top = fmaxf(top, row[i]);
  top = over_block(top, scratch, -INFINITY, [](float a, float b) { return fmaxf(a, b); });
  float sum = 0;
  for (int i = first; i < columns; i += step) sum += __expf(row[i] - top);
  sum = over_block(sum, scratch, 0, [](float a, float b) { return a + b; });
  for (int i = first; i < columns; i += step) out[i] = __expf(row[i] - top) / sum;
}

void softmax(int rows, int columns) {
  std::vector<float> x = values(rows * columns, 0.37f);
  for (float& v : x) v *= 5;
  const DeviceArray<float> on_device(x);
  std::vector<float> first;
  for (const std::uint64_t seed : {0, 3, 4}) {
    emulated::set_seed(seed);
    const DeviceArray<float> y(x.size());
    NTL_LAUNCH(softmax_rows, static_cast<unsigned>(rows), 128, 0, nullptr, columns, on_device.data(), y.data());
    CHECK_CUDA(cudaGetLastError());
    if (first.empty()) first = y.host();
    CHECK(first == y.host(), "another order, other bits");
  }
  emulated::set_seed(0);
  for (int r = 0; r < rows; ++r) {
    const float* in = x.data() + r * columns;
    double sum = 0;
    for (int i = 0; i < columns; ++i) sum += std::exp(static_cast<double>(in[i]));
    for (int i = 0; i < columns; ++i) {
      CHECK(std::fabs(first[static_cast<std::size_t>(r * columns + i)] - std::exp(static_cast<double>(in[i])) / sum) <
            1e-6);
    }
  }
}

// One warp: D = A * B + C of 16 x 8 numbers, A 16 x K, B K x 8; by the instruction, and by shuffles.
template <bool Bf16, bool Shuffles>
__global__ void multiply(const float* a, const float* b, const float* c, float* d) {
  constexpr int kDepth = Bf16 ? 16 : 8;
  const int g = static_cast<int>(threadIdx.x) / 4;
  const int t = static_cast<int>(threadIdx.x) % 4;
  std::uint32_t left[4];
  std::uint32_t right[2];
  for (int i = 0; i < 4; ++i) {
    const float* row = a + (g + 8 * (i % 2)) * kDepth;
    left[i] =
        Bf16 ? pack_bf16(row[2 * t + 8 * (i / 2)], row[2 * t + 8 * (i / 2) + 1]) : round_tf32(row[t + 4 * (i / 2)]);
  }
  for (int i = 0; i < 2; ++i) {
    const float* column = b + g;
    right[i] = Bf16 ? pack_bf16(column[(2 * t + 8 * i) * 8], column[(2 * t + 8 * i + 1) * 8])
                    : round_tf32(column[(t + 4 * i) * 8]);
  }
  float sum[4];
  for (int i = 0; i < 4; ++i) sum[i] = c[(g + 8 * (i / 2)) * 8 + 2 * t + i % 2];
  if constexpr (Bf16 && Shuffles) mma_m16n8k16_bf16_by_shuffles(sum, left, right, sum);
  if constexpr (Bf16 && !Shuffles) mma_m16n8k16_bf16(sum, left, right, sum);
  if constexpr (!Bf16 && Shuffles) mma_m16n8k8_tf32_by_shuffles(sum, left, right, sum);
  if constexpr (!Bf16 && !Shuffles) mma_m16n8k8_tf32(sum, left, right, sum);
  for (int i = 0; i < 4; ++i) d[(g + 8 * (i / 2)) * 8 + 2 * t + i % 2] = sum[i];
}

// Small integers, so that every order of the sums is exact.
template <bool Bf16, bool Shuffles>
void matrix_product() {
  constexpr int kDepth = Bf16 ? 16 : 8;
  std::vector<float> a(16 * kDepth);
  std::vector<float> b(kDepth * 8);
  std::vector<float> c(128);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(static_cast<int>(i * 7 % 31) - 15);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(static_cast<int>(i * 5 % 29) - 14);
  for (std::size_t i = 0; i < c.size(); ++i) c[i] = static_cast<float>(i) + 0.5f;
  const DeviceArray<float> on_device_a(a);
  const DeviceArray<float> on_device_b(b);
  const DeviceArray<float> on_device_c(c);
  const DeviceArray<float> d(128);
  NTL_LAUNCH((multiply<Bf16, Shuffles>), 1, 32, 0, nullptr, on_device_a.data(), on_device_b.data(), on_device_c.data(),
             d.data());
  CHECK_CUDA(cudaGetLastError());
  const std::vector<float> got = d.host();
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      float sum = c[i * 8 + j];
      for (std::size_t k = 0; k < kDepth; ++k) sum += a[i * kDepth + k] * b[k * 8 + j];
      CHECK(got[i * 8 + j] == sum, "[%zu][%zu]: %g, not %g", i, j, static_cast<double>(got[i * 8 + j]),
            static_cast<double>(sum));
    }
  }
}

}  // namespace

void test_kernels() {
  sgemm<32, 8>(33, 45, 29);
  sgemm<32, 8>(64, 32, 8);
  sgemm<64, 16>(70, 64, 40);
  softmax(5, 300);
  softmax(3, 7);
  matrix_product<true, false>();
  matrix_product<true, true>();
  matrix_product<false, false>();
  matrix_product<false, true>();
}
