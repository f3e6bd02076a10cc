// The host's calls: devices, memory, copies, streams, events, and what a launch refuses.
#include "nautile/cuda.hpp"

#include <cstring>
#include <thread>

#include "tests.hpp"

using namespace nautile::cuda;

namespace {

__global__ void add(float* x, int n, float value) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) x[i] += value;
}

void devices() {
  int count = 0;
  CHECK_CUDA(cudaGetDeviceCount(&count));
  CHECK(count == 2);
  cudaDeviceProp properties;
  CHECK_CUDA(cudaGetDeviceProperties(&properties, 1));
  CHECK(properties.name == std::string("emulated") && properties.major == 9 && properties.minor == 0);
  CHECK(properties.totalGlobalMem == 16 << 20 && properties.sharedMemPerBlockOptin == 227 << 10);
  int value = 0;
  CHECK_CUDA(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMajor, 0));
  CHECK(value == 9);
  CHECK_CUDA(cudaDeviceGetAttribute(&value, cudaDevAttrMemoryPoolsSupported, 0));
  CHECK(value == 1);
  CHECK_CUDA(cudaDriverGetVersion(&value));
  CHECK(value >= 13000);
  CHECK_ERROR(cudaSetDevice(2), cudaErrorInvalidDevice);
  CHECK_ERROR(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  CHECK_ERROR(cudaGetLastError(), cudaErrorInvalidDevice);
  CHECK_CUDA(cudaGetLastError());
  CHECK(cudaGetErrorName(cudaErrorMemoryAllocation) == std::string("cudaErrorMemoryAllocation"));
  CHECK(cudaGetErrorString(cudaErrorMemoryAllocation) == std::string("out of memory"));
}

// Each OS thread has its own device; memory and streams belong to theirs.
void two_devices() {
  CHECK_CUDA(cudaSetDevice(1));
  int device = 0;
  std::thread([&device] { cudaGetDevice(&device); }).join();
  CHECK(device == 0);
  CHECK_CUDA(cudaGetDevice(&device));
  CHECK(device == 1);
  cudaStream_t stream = nullptr;
  CHECK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  DeviceArray<float> there(std::vector<float>{1, 2});
  NTL_LAUNCH(add, 1, 32, 0, stream, there.data(), 2, 1.0f);
  CHECK_CUDA(cudaGetLastError());
  cudaPointerAttributes attributes;
  CHECK_CUDA(cudaPointerGetAttributes(&attributes, there.data() + 1));
  CHECK(attributes.type == cudaMemoryTypeDevice && attributes.device == 1);
  CHECK_CUDA(cudaSetDevice(0));
  NTL_LAUNCH(add, 1, 32, 0, stream, there.data(), 2, 1.0f);
  CHECK_ERROR(cudaGetLastError(), cudaErrorInvalidResourceHandle);
  CHECK(there.host() == (std::vector<float>{2, 3}));
  CHECK_CUDA(cudaStreamDestroy(stream));
  CHECK_ERROR(cudaStreamDestroy(stream), cudaErrorInvalidResourceHandle);
}

void memory_is_limited_and_counted() {
  std::size_t free = 0;
  std::size_t total = 0;
  CHECK_CUDA(cudaMemGetInfo(&free, &total));
  CHECK(total == 16 << 20 && free == total);
  cudaStream_t stream = nullptr;
  CHECK_CUDA(cudaStreamCreate(&stream));
  cudaMemPool_t pool = nullptr;
  CHECK_CUDA(cudaDeviceGetDefaultMemPool(&pool, 0));
  std::uint64_t threshold = 8 << 20;
  CHECK_CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));

  float* a = nullptr;
  float* b = nullptr;
  CHECK_CUDA(cudaMallocAsync(&a, 10 << 20, stream));
  CHECK_ERROR(cudaMallocAsync(&b, 7 << 20, stream), cudaErrorMemoryAllocation);
  CHECK(b == nullptr);
  CHECK_ERROR(cudaGetLastError(), cudaErrorMemoryAllocation);
  float content = 0;
  CHECK_CUDA(cudaMemcpyAsync(&content, a, sizeof(float), cudaMemcpyDeviceToHost, stream));
  CHECK(content != content, "new memory is NaN");
  CHECK_CUDA(cudaMallocAsync(&b, 6 << 20, stream));
  std::uint64_t bytes = 0;
  const auto attribute = [&](cudaMemPoolAttr which) {
    CHECK_CUDA(cudaMemPoolGetAttribute(pool, which, &bytes));
    return bytes;
  };
  CHECK(attribute(cudaMemPoolAttrUsedMemCurrent) == 16 << 20);
  CHECK_CUDA(cudaFreeAsync(a, stream));
  CHECK_CUDA(cudaFreeAsync(b, stream));
  CHECK(attribute(cudaMemPoolAttrUsedMemCurrent) == 0 && attribute(cudaMemPoolAttrReservedMemCurrent) == 16 << 20);
  CHECK_CUDA(cudaMemGetInfo(&free, &total));
  CHECK(free == 0);
  CHECK_CUDA(cudaStreamSynchronize(stream));
  CHECK(attribute(cudaMemPoolAttrReservedMemCurrent) == 8 << 20);
  CHECK_CUDA(cudaMemPoolTrimTo(pool, 0));
  CHECK(attribute(cudaMemPoolAttrReservedMemCurrent) == 0 && attribute(cudaMemPoolAttrUsedMemHigh) == 16 << 20);
  CHECK_ERROR(cudaFree(&content), cudaErrorInvalidValue);
  threshold = 0;
  CHECK_CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
  CHECK_CUDA(cudaStreamDestroy(stream));
  cudaGetLastError();
}

void copies_know_their_directions_and_sizes() {
  DeviceArray<int> a(std::vector<int>{1, 2, 3, 4});
  DeviceArray<int> b(4);
  int host[4] = {};
  CHECK_CUDA(cudaMemcpy(b.data(), a.data(), 16, cudaMemcpyDeviceToDevice));
  CHECK_CUDA(cudaMemset(b.data() + 3, 0, 4));
  CHECK_CUDA(cudaMemcpy(host, b.data(), 16, cudaMemcpyDefault));
  CHECK(host[0] == 1 && host[2] == 3 && host[3] == 0);
  CHECK_ERROR(cudaMemcpy(host, b.data(), 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  CHECK_ERROR(cudaMemcpy(host, b.data() + 1, 16, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  CHECK_ERROR(cudaMemset(b.data(), 0, 17), cudaErrorInvalidValue);
  CHECK_ERROR(cudaMemset(host, 0, 16), cudaErrorInvalidValue);
  CHECK_CUDA(cudaMemcpy(nullptr, nullptr, 0, cudaMemcpyHostToDevice));
  int* pinned = nullptr;
  CHECK_CUDA(cudaHostAlloc(&pinned, 16, cudaHostAllocDefault));
  CHECK_CUDA(cudaMemcpyAsync(pinned, a.data(), 16, cudaMemcpyDeviceToHost));
  CHECK(pinned[3] == 4);
  CHECK_ERROR(cudaFree(pinned), cudaErrorInvalidValue);
  CHECK_CUDA(cudaFreeHost(pinned));
  cudaGetLastError();
}

void streams_and_events() {
  cudaStream_t one = nullptr;
  cudaStream_t two = nullptr;
  CHECK_CUDA(cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking));
  CHECK_CUDA(cudaStreamCreateWithFlags(&two, cudaStreamNonBlocking));
  cudaEvent_t start = nullptr;
  cudaEvent_t end = nullptr;
  cudaEvent_t untimed = nullptr;
  CHECK_CUDA(cudaEventCreate(&start));
  CHECK_CUDA(cudaEventCreateWithFlags(&end, cudaEventDefault));
  CHECK_CUDA(cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming));
  DeviceArray<float> x(std::vector<float>(1000, 0.0f));
  CHECK_CUDA(cudaEventRecord(start, one));
  NTL_LAUNCH(add, 4, 256, 0, one, x.data(), 1000, 1.0f);
  CHECK_CUDA(cudaEventRecord(end, one));
  CHECK_CUDA(cudaEventRecord(untimed, one));
  CHECK_CUDA(cudaStreamWaitEvent(two, untimed));
  NTL_LAUNCH(add, 4, 256, 0, two, x.data(), 1000, 1.0f);
  int called = 0;
  CHECK_CUDA(cudaLaunchHostFunc(two, [](void* data) { ++*static_cast<int*>(data); }, &called));
  CHECK_CUDA(cudaStreamSynchronize(two));
  CHECK_CUDA(cudaStreamQuery(one));
  CHECK_CUDA(cudaEventSynchronize(end));
  CHECK_CUDA(cudaEventQuery(end));
  CHECK_CUDA(cudaDeviceSynchronize());
  CHECK(called == 1 && x.host() == std::vector<float>(1000, 2.0f));
  float milliseconds = -1;
  CHECK_CUDA(cudaEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds > 0);
  CHECK_ERROR(cudaEventElapsedTime(&milliseconds, start, untimed), cudaErrorInvalidResourceHandle);
  for (cudaEvent_t event : {start, end, untimed}) CHECK_CUDA(cudaEventDestroy(event));
  for (cudaStream_t stream : {one, two}) CHECK_CUDA(cudaStreamDestroy(stream));
  cudaGetLastError();
}

__global__ void fill_dynamic(float* out) {
  NTL_DYNAMIC_SHARED(float, all);
  all[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = all[threadIdx.x ^ 1];
}

void launches_are_checked() {
  DeviceArray<float> x(std::vector<float>(2048, 0.0f));
  const auto refused = [&x](dim3 grid, dim3 block, std::size_t shared) {
    emulated::launch({grid, block, shared, nullptr, "fill_dynamic", {__FILE__, __LINE__}}, fill_dynamic, x.data());
    return cudaGetLastError() == cudaErrorInvalidConfiguration;
  };
  CHECK(refused(1, 1025, 0));
  CHECK(refused(1, dim3(32, 33), 0));
  CHECK(refused(1, dim3(1, 1, 65), 0));
  CHECK(refused(1, 0, 0));
  CHECK(refused(dim3(1, 0), 32, 0));
  CHECK(refused(dim3(1, 65536), 32, 0));
  CHECK(refused(dim3(1, 1, 65536), 32, 0));
  CHECK(refused(1, 32, (48 << 10) + 1));
  CHECK(x.host() == std::vector<float>(2048, 0.0f));
  CHECK_CUDA(cudaFuncSetAttribute(fill_dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 100 << 10));
  NTL_LAUNCH(fill_dynamic, 1, 1024, 100 << 10, nullptr, x.data());
  CHECK_CUDA(cudaGetLastError());
  CHECK(x.host()[1023] == 1);
  CHECK(refused(1, 32, (100 << 10) + 1));
  CHECK_ERROR(cudaFuncSetAttribute(fill_dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, (227 << 10) + 1),
              cudaErrorInvalidValue);
  cudaGetLastError();
}

// Several host threads, each with its stream and memory, blocks enough to ask for helpers.
void many_host_threads() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([] {
      cudaStream_t stream = nullptr;
      CHECK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
      constexpr int kCount = 20000;
      DeviceArray<float> x(std::vector<float>(kCount, 0.0f));
      for (int round = 0; round < 5; ++round) {
        NTL_LAUNCH(add, kCount / 32, 32, 0, stream, x.data(), kCount, 1.0f);
      }
      CHECK_CUDA(cudaGetLastError());
      CHECK_CUDA(cudaStreamSynchronize(stream));
      CHECK(x.host() == std::vector<float>(kCount, 5.0f));
      CHECK_CUDA(cudaStreamDestroy(stream));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

void test_runtime() {
  devices();
  two_devices();
  memory_is_limited_and_counted();
  copies_know_their_directions_and_sizes();
  streams_and_events();
  launches_are_checked();
  many_host_threads();
}
