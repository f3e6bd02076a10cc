// What a thread sees, shared memory, barriers with votes, warp intrinsics, atomics, cp.async and ldmatrix.
#include "nautile/cuda.hpp"

#include <cmath>

#include "tests.hpp"

using namespace nautile::cuda;

namespace {

constexpr unsigned kAll = 0xffffffffu;

__global__ void write_indices(int* out) {
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  out[block * threads + thread] += static_cast<int>(1 + block * 1000 + thread);
}

void every_thread_of_every_block_runs_once() {
  const dim3 grid(3, 2, 2);
  const dim3 block(5, 3, 2);
  DeviceArray<int> out(std::vector<int>(12 * 30, 0));
  NTL_LAUNCH(write_indices, grid, block, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  const std::vector<int> seen = out.host();
  for (int b = 0; b < 12; ++b) {
    for (int t = 0; t < 30; ++t) CHECK(seen[static_cast<std::size_t>(b * 30 + t)] == 1 + b * 1000 + t);
  }
  CHECK(last_launch.kernel == std::string("write_indices") && last_launch.grid.y == 2 && last_launch.block.x == 5);
}

template <int A, int B>
__global__ void set(int* out) {
  out[0] = A * B;
}

void launches_of_templates_and_of_nothing() {
  DeviceArray<int> out(std::vector<int>{0});
  NTL_LAUNCH((set<6, 7>), 1, 1, 0, nullptr, out.data());
  CHECK(out.host()[0] == 42);
  CHECK(last_launch.kernel == std::string("set<6, 7>"), "%s", last_launch.kernel);
  NTL_LAUNCH((set<1, 1>), dim3(0, 1), dim3(32), 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  CHECK(out.host()[0] == 42);
}

// Shared memory: NaN at first, the same for all threads of a block, one variable per declaration also in a loop.
__global__ void use_shared(float* out) {
  NTL_DYNAMIC_SHARED(float, dynamic);
  for (int round = 0; round < 2; ++round) {
    NTL_SHARED(float, tile, [4][33]);
    NTL_SHARED(float, last, );
    const int t = static_cast<int>(threadIdx.x);
    if (round == 0 && t == 0) out[blockIdx.x * 3] = isnan(tile[3][32]) && isnan(last) && isnan(dynamic[63]) ? 1 : 0;
    __syncthreads();
    tile[t % 4][t / 4] = static_cast<float>(t);
    dynamic[t] = static_cast<float>(2 * t);
    if (t == 63) last = 5;
    __syncthreads();
    const int other = 63 - t;
    const bool right = tile[other % 4][other / 4] == static_cast<float>(other) &&
                       dynamic[other] == static_cast<float>(2 * other) && last == 5;
    const int count = __syncthreads_count(right);
    if (t == 0) out[blockIdx.x * 3 + 1] = static_cast<float>(count);
    if (t == 0)
      out[blockIdx.x * 3 + 2] = static_cast<float>(__builtin_popcountll(reinterpret_cast<std::uintptr_t>(&tile) % 16));
  }
}

void shared_memory() {
  DeviceArray<float> out(6);
  NTL_LAUNCH(use_shared, 2, 64, 64 * sizeof(float), nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  CHECK(out.host() == (std::vector<float>{1, 64, 0, 1, 64, 0}));
}

__global__ void votes(int* out) {
  const int t = static_cast<int>(threadIdx.x);
  int right = __syncthreads_or(t == 77) == 1;
  right &= __syncthreads_or(t == 1000) == 0;
  right &= __syncthreads_and(t != 5) == 0;
  right &= __syncthreads_and(t < 1000) == 1;
  right &= __syncthreads_count(t % 3 == 0) == 34;
  const unsigned lane = threadIdx.x % 32;
  const bool partial = threadIdx.x >= 96;  // the last warp has 4 lanes
  right &= __ballot_sync(kAll, lane % 2 == 0) == (partial ? 0x5u : 0x55555555u);
  right &= __any_sync(kAll, lane == 3) == 1;
  right &= __all_sync(kAll, lane != 3) == 0;
  right &= __all_sync(kAll, lane < 32) == 1;
  if (lane < 2) right &= __ballot_sync(3u, lane == 1) == 2u;
  right &= (__activemask() >> lane & 1) == 1;
  right &= __match_any_sync(kAll, lane / 2) == 3u << (lane / 2 * 2);
  out[t] = right;
}

void votes_of_blocks_and_warps() {
  DeviceArray<int> out(100);
  NTL_LAUNCH(votes, 1, 100, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  CHECK(out.host() == std::vector<int>(100, 1));
}

template <typename T>
__global__ void shuffles(T* out) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const T mine = static_cast<T>(lane + 100);
  T* row = out + threadIdx.x;
  row[0] = __shfl_sync(kAll, mine, 7);
  row[64] = __shfl_sync(kAll, mine, lane + 1, 8);
  row[128] = __shfl_xor_sync(kAll, mine, 5);
  row[192] = __shfl_xor_sync(kAll, mine, 9, 8);
  row[256] = __shfl_up_sync(kAll, mine, 3);
  row[320] = __shfl_up_sync(kAll, mine, 2, 16);
  row[384] = __shfl_down_sync(kAll, mine, 3);
  row[448] = __shfl_down_sync(kAll, mine, 2, 4);
  // Two halves on their own, one of them more often.
  T half = mine;
  if (lane < 16) {
    half = __shfl_xor_sync(0x0000ffffu, half, 1);
    half = __shfl_xor_sync(0x0000ffffu, half, 2);
  } else {
    half = __shfl_sync(0xffff0000u, half, 31);
  }
  row[512] = half;
}

template <typename T>
void shuffles_of() {
  DeviceArray<T> out(9 * 64);
  NTL_LAUNCH((shuffles<T>), 1, 64, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  const std::vector<T> seen = out.host();
  for (int t = 0; t < 64; ++t) {
    const int l = t % 32;
    const int expected[9] = {7,
                             l / 8 * 8 + (l + 1) % 8,
                             l ^ 5,
                             (l ^ 9) / 8 > l / 8 ? l : l ^ 9,
                             l < 3 ? l : l - 3,
                             l % 16 < 2 ? l : l - 2,
                             l > 28 ? l : l + 3,
                             l % 4 > 1 ? l : l + 2,
                             l < 16 ? l ^ 3 : 31};
    for (int i = 0; i < 9; ++i) {
      CHECK(seen[static_cast<std::size_t>(i * 64 + t)] == static_cast<T>(100 + expected[i]), "%d of lane %d", i, l);
    }
  }
}

__global__ void reductions(unsigned* out) {
  const unsigned v = threadIdx.x + 1;
  out[threadIdx.x] = __reduce_add_sync(kAll, v);
  out[32 + threadIdx.x] = __reduce_min_sync(kAll, v);
  out[64 + threadIdx.x] = __reduce_max_sync(kAll, v);
  out[96 + threadIdx.x] = __reduce_or_sync(kAll, v);
  out[128 + threadIdx.x] = __reduce_and_sync(kAll, v | 64);
  out[160 + threadIdx.x] = __reduce_xor_sync(kAll, v);
}

void warp_reductions() {
  DeviceArray<unsigned> out(192);
  NTL_LAUNCH(reductions, 1, 32, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  const unsigned expected[6] = {528, 1, 32, 63, 64, 32};
  const std::vector<unsigned> seen = out.host();
  for (std::size_t i = 0; i < 192; ++i) CHECK(seen[i] == expected[i / 32], "%zu: %u", i, seen[i]);
}

// Lanes that ended are out of every mask; the value of one is NaN.
__global__ void ended_lanes(float* out) {
  if (threadIdx.x >= 16) return;
  out[threadIdx.x] = __shfl_sync(kAll, static_cast<float>(threadIdx.x), static_cast<int>(threadIdx.x + 8));
}

void lanes_that_ended() {
  DeviceArray<float> out(16);
  NTL_LAUNCH(ended_lanes, 1, 32, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  const std::vector<float> seen = out.host();
  for (std::size_t i = 0; i < 16; ++i) CHECK(i < 8 ? seen[i] == static_cast<float>(i + 8) : std::isnan(seen[i]));
}

// What lanes write before __syncwarp, they see of each other after.
__global__ void exchange_in_warps(int* out) {
  NTL_SHARED(int, values, [64]);
  int sum = 0;
  for (int round = 0; round < 4; ++round) {
    values[threadIdx.x] = static_cast<int>(threadIdx.x) + round;
    __syncwarp();
    sum += values[threadIdx.x ^ 1];
    __syncwarp();
  }
  out[threadIdx.x] = sum;
}

void syncwarp() {
  DeviceArray<int> out(64);
  NTL_LAUNCH(exchange_in_warps, 1, 64, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  for (int t = 0; t < 64; ++t) CHECK(out.host()[static_cast<std::size_t>(t)] == 4 * (t ^ 1) + 6);
}

struct Counters {
  int i[7];
  unsigned u[5];
  unsigned long long l[3];
  float f[2];
  double d;
};

__global__ void atomics(Counters* c) {
  const int t = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const unsigned u = static_cast<unsigned>(t);
  atomicAdd(&c->i[0], t);
  atomicSub(&c->i[1], t);
  atomicMin(&c->i[2], -t);
  atomicMax(&c->i[3], t);
  atomicAnd(&c->i[4], ~(1 << (t % 8)));
  atomicOr(&c->i[5], 1 << (t % 8));
  atomicXor(&c->i[6], t);
  atomicAdd(&c->u[0], u);
  atomicInc(&c->u[1], 9u);
  atomicDec(&c->u[2], 9u);
  atomicMax(&c->u[3], u);
  atomicExch(&c->u[4], 7u);
  atomicAdd(&c->l[0], 1ull << 40);
  atomicMax(&c->l[1], static_cast<unsigned long long>(u) << 33);
  atomicAdd(&c->f[0], 1.0f);
  atomicExch(&c->f[1], 2.5f);
  atomicAdd(&c->d, 0.5);
  for (unsigned long long seen = 0;;) {
    const unsigned long long old = atomicCAS(&c->l[2], seen, seen + 2);
    if (old == seen) break;
    seen = old;
  }
}

void atomics_of_all_types() {
  DeviceArray<Counters> all(1);
  CHECK_CUDA(cudaMemset(all.data(), 0, sizeof(Counters)));
  NTL_LAUNCH(atomics, 4, 50, 0, nullptr, all.data());
  CHECK_CUDA(cudaGetLastError());
  const Counters c = all.host()[0];
  CHECK(c.i[0] == 19900 && c.i[1] == -19900 && c.i[2] == -199 && c.i[3] == 199);
  CHECK(c.i[4] == 0 && c.i[5] == 255 && c.i[6] == 0);
  CHECK(c.u[0] == 19900 && c.u[1] == 0 && c.u[2] == 0 && c.u[3] == 199 && c.u[4] == 7);
  CHECK(c.l[0] == 200ull << 40 && c.l[1] == 199ull << 33 && c.l[2] == 400);
  CHECK(c.f[0] == 200.0f && c.f[1] == 2.5f && c.d == 100.0);
}

// The sum of all blocks by the one that ends last, which is how a kernel orders blocks.
__global__ void last_block_sums(const float* x, float* partial, unsigned* arrived, float* out) {
  NTL_SHARED(bool, last, );
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = x[blockIdx.x] * 2;
    __threadfence();
    last = atomicAdd(arrived, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    __threadfence();
    float sum = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) sum += partial[i];
    *out = sum;
  }
}

void fences_between_blocks() {
  DeviceArray<float> x(std::vector<float>{1, 2, 3, 4, 5});
  DeviceArray<float> partial(5);
  DeviceArray<unsigned> arrived(std::vector<unsigned>{0});
  DeviceArray<float> out(1);
  NTL_LAUNCH(last_block_sums, 5, 32, 0, nullptr, x.data(), partial.data(), arrived.data(), out.data());
  CHECK_CUDA(cudaGetLastError());
  CHECK(out.host()[0] == 30);
}

// A copy that was not waited for has not happened.
__global__ void async_copies(const float* in, float* out) {
  NTL_SHARED(float, tile, [3][4]);
  if (threadIdx.x == 0) {
    cp_async_16(tile[0], in);
    cp_async_commit();
    cp_async_4(&tile[1][0], in + 4);
    cp_async_4(&tile[1][1], in + 5, false);
    cp_async_commit();
    cp_async_16(tile[2], in + 8);
    cp_async_commit();
    out[0] = tile[0][0];
    cp_async_wait<2>();
    out[1] = tile[0][3];
    out[2] = tile[1][0];
    cp_async_wait<1>();
    out[3] = tile[1][0];
    out[4] = tile[1][1];
    out[5] = tile[2][0];
    cp_async_wait<0>();
    out[6] = tile[2][3];
  }
}

void copies_happen_when_waited_for() {
  DeviceArray<float> in(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  DeviceArray<float> out(7);
  NTL_LAUNCH(async_copies, 1, 32, 0, nullptr, in.data(), out.data());
  CHECK_CUDA(cudaGetLastError());
  const std::vector<float> seen = out.host();
  CHECK(std::isnan(seen[0]) && seen[1] == 4 && std::isnan(seen[2]) && seen[3] == 5 && seen[4] == 0 &&
        std::isnan(seen[5]) && seen[6] == 12);
}

__global__ void load_matrices(std::uint32_t* out) {
  NTL_SHARED(std::uint16_t, tile, [32][8]);
  for (unsigned i = threadIdx.x; i < 256; i += 32) tile[i / 8][i % 8] = static_cast<std::uint16_t>(i);
  __syncwarp();
  std::uint32_t plain[4];
  std::uint32_t transposed[4];
  ldmatrix_x4(plain, tile[threadIdx.x]);
  ldmatrix_x4_transposed(transposed, tile[threadIdx.x]);
  for (unsigned i = 0; i < 4; ++i) {
    out[threadIdx.x * 8 + i] = plain[i];
    out[threadIdx.x * 8 + 4 + i] = transposed[i];
  }
}

void ldmatrix() {
  DeviceArray<std::uint32_t> out(256);
  NTL_LAUNCH(load_matrices, 1, 32, 0, nullptr, out.data());
  CHECK_CUDA(cudaGetLastError());
  const std::vector<std::uint32_t> seen = out.host();
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned g = lane / 4;
      const unsigned t = lane % 4 * 2;
      const auto element = [i](unsigned row, unsigned column) { return i * 64 + row * 8 + column; };
      CHECK(seen[lane * 8 + i] == (element(g, t) | element(g, t + 1) << 16));
      CHECK(seen[lane * 8 + 4 + i] == (element(t, g) | element(t + 1, g) << 16));
    }
  }
}

}  // namespace

void test_intrinsics() {
  for (const std::uint64_t seed : {0, 1, 12345}) {
    emulated::set_seed(seed);
    every_thread_of_every_block_runs_once();
    launches_of_templates_and_of_nothing();
    shared_memory();
    votes_of_blocks_and_warps();
    shuffles_of<float>();
    shuffles_of<int>();
    shuffles_of<double>();
    shuffles_of<unsigned long long>();
    warp_reductions();
    lanes_that_ended();
    syncwarp();
    atomics_of_all_types();
    fences_between_blocks();
    copies_happen_when_waited_for();
    ldmatrix();
  }
  emulated::set_seed(0);
}
