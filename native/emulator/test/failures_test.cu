// A kernel that is wrong stops its launch, breaks its device, and says where; the process goes on.
#include "nautile/cuda_cluster.hpp"

#include <cstring>

#include "tests.hpp"

using namespace nautile::cuda;

namespace {

// Each kernel's number of the line at fault follows it.
// clang-format off
__global__ void barrier_of_half(int* x) {
  if (threadIdx.x < 48) __syncthreads();
  x[blockIdx.x * 64 + threadIdx.x] = 1;
}
constexpr int kBarrierOfHalf = __LINE__ - 3;

__global__ void two_barriers(int*) {
  if (threadIdx.x % 2 == 0) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}
constexpr int kTwoBarriers = __LINE__ - 3;

__global__ void two_barriers_on_a_line(int*) {
  if (threadIdx.x % 2 == 0) { __syncthreads(); } else { __syncthreads(); }
}
constexpr int kTwoBarriersOnALine = __LINE__ - 2;

__global__ void missing_lanes(int* x) {
  if (threadIdx.x < 16) x[blockIdx.x * 64 + threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1, 1);
  __syncthreads();
}
constexpr int kMissingLanes = __LINE__ - 3;

__global__ void outside_of_mask(int* x) {
  x[blockIdx.x * 64 + threadIdx.x] = __shfl_sync(0xffffu, 1, 0);
}
constexpr int kOutsideOfMask = __LINE__ - 2;

__global__ void two_operations(int* x) {
  if (threadIdx.x % 2 == 0) {
    x[blockIdx.x * 64 + threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
  } else {
    x[blockIdx.x * 64 + threadIdx.x] = static_cast<int>(__ballot_sync(0xffffffffu, 1));
  }
}
constexpr int kTwoOperations = __LINE__ - 3;

__global__ void misaligned_copy(int* x) {
  NTL_SHARED(int, tile, [8]);
  cp_async_16(tile, x + 1);
}
constexpr int kMisalignedCopy = __LINE__ - 2;

__global__ void trap(int* x) {
  if (x[0] != 1) __trap();
}
constexpr int kTrap = __LINE__ - 2;

__global__ void too_much_shared(int* x) {
  NTL_SHARED(char, huge, [228 << 10]);
  x[blockIdx.x * 64 + threadIdx.x] = huge[0];
}
constexpr int kTooMuchShared = __LINE__ - 3;

__global__ void barrier_of_most(int*) {
  if (threadIdx.x == 0) __syncthreads();
  cluster_arrive();
  cluster_wait();
}
constexpr int kBarrierOfMost = __LINE__ - 2;

__global__ void arrives_twice(int*) {
  cluster_arrive();
  cluster_arrive();
}
constexpr int kArrivesTwice = __LINE__ - 2;

__global__ void waits_for_nothing(int*) {
  cluster_wait();
}
constexpr int kWaitsForNothing = __LINE__ - 2;

__global__ void beyond_the_cluster(int*) {
  NTL_SHARED(float, x, [1]);
  cluster_store(x, 1, 1.0f);
}
constexpr int kBeyondTheCluster = __LINE__ - 2;
// clang-format on

__global__ void set_all(int* x) { x[threadIdx.x] = 7; }

// The launch fails with `what` at `line`; the device is broken until it is reset, and works then.
void fails(const char* name, void (*kernel)(int*), unsigned threads, const char* what, int line) {
  int* x = nullptr;
  CHECK_CUDA(cudaMalloc(&x, 256 * sizeof(int)));
  CHECK_CUDA(cudaMemset(x, 0, 256 * sizeof(int)));
  emulated::launch({4, threads, 0, nullptr, name, {__FILE__, __LINE__}}, kernel, x);
  CHECK_ERROR(cudaGetLastError(), cudaErrorLaunchFailure);
  const std::string why = emulated::last_failure();
  const std::string place = "failures_test.cu:" + std::to_string(line);
  CHECK(why.find(name) != std::string::npos && why.find(what) != std::string::npos &&
            why.find(place) != std::string::npos && why.find("block (") != std::string::npos,
        "%s; expected: %s ... %s", why.c_str(), what, place.c_str());
  CHECK_ERROR(cudaGetLastError(), cudaErrorLaunchFailure);
  CHECK_ERROR(cudaDeviceSynchronize(), cudaErrorLaunchFailure);
  int* other = nullptr;
  CHECK_ERROR(cudaMalloc(&other, 4), cudaErrorLaunchFailure);
  CHECK_ERROR(cudaFree(x), cudaErrorLaunchFailure);

  CHECK_CUDA(cudaSetDevice(1));
  CHECK_CUDA(cudaDeviceSynchronize());
  CHECK_CUDA(cudaSetDevice(0));
  CHECK_CUDA(cudaDeviceReset());
  DeviceArray<int> good(64);
  NTL_LAUNCH(set_all, 1, 64, 0, nullptr, good.data());
  CHECK_CUDA(cudaGetLastError());
  CHECK(good.host() == std::vector<int>(64, 7));
}

void wrong_pointers() {
  int host[64] = {};
  NTL_LAUNCH(set_all, 1, 64, 0, nullptr, host);
  CHECK_ERROR(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  CHECK(std::strstr(emulated::last_failure(), "kernel set_all: argument 1 points to no memory of a device") != nullptr,
        "%s", emulated::last_failure());
  CHECK_CUDA(cudaDeviceReset());

  int* freed = nullptr;
  CHECK_CUDA(cudaMalloc(&freed, 256));
  CHECK_CUDA(cudaFree(freed));
  NTL_LAUNCH(set_all, 1, 64, 0, nullptr, freed);
  CHECK_ERROR(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  CHECK_CUDA(cudaDeviceReset());

  CHECK_CUDA(cudaSetDevice(1));
  DeviceArray<int> there(64);
  CHECK_CUDA(cudaSetDevice(0));
  NTL_LAUNCH(set_all, 1, 64, 0, nullptr, there.data());
  CHECK_ERROR(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  CHECK(std::strstr(emulated::last_failure(), "another device") != nullptr);
  CHECK_CUDA(cudaDeviceReset());
  CHECK(host[0] == 0);
}

}  // namespace

void test_failures() {
  for (const std::uint64_t seed : {0, 5}) {
    emulated::set_seed(seed);
    fails("barrier_of_half", barrier_of_half, 64, "a barrier that not all threads reach", kBarrierOfHalf);
    fails("two_barriers_on_a_line", two_barriers_on_a_line, 64, "different barriers", kTwoBarriersOnALine);
    fails("missing_lanes", missing_lanes, 64, "mask 0xffffffff waits for lanes 0xffff0000", kMissingLanes);
    fails("outside_of_mask", outside_of_mask, 32, "not in its own mask 0x0000ffff", kOutsideOfMask);
    fails("misaligned_copy", misaligned_copy, 32, "misaligned", kMisalignedCopy);
    fails("barrier_of_most", barrier_of_most, 64, "a cluster's barrier that not all threads reach", kBarrierOfMost);
    fails("arrives_twice", arrives_twice, 32, "twice", kArrivesTwice);
    fails("waits_for_nothing", waits_for_nothing, 32, "has not arrived", kWaitsForNothing);
    fails("beyond_the_cluster", beyond_the_cluster, 32, "the cluster does not have", kBeyondTheCluster);
    fails("trap", trap, 32, "__trap()", kTrap);
    fails("too_much_shared", too_much_shared, 32, "bytes of shared memory", kTooMuchShared);
  }
  emulated::set_seed(0);
  fails("two_barriers", two_barriers, 64, "different barriers", kTwoBarriers);
  fails("two_operations", two_operations, 32, "different operations", kTwoOperations);
  wrong_pointers();
}
