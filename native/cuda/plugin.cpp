// The host side of the CUDA devices: memory, copies, streams, errors, graphs. Compiled twice, against CUDA's runtime and
// against the emulator's (native/emulator), with the kernels of kernels/cuda.
#include "plugin.hpp"

#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string>

#include "nautile/cuda_launch.hpp"
#include "nautile/kernel_table.hpp"
#if __has_include("emulated/control.h")
#include "emulated/control.h"
#define NTL_EMULATED
#endif

namespace nautile {

#define NTL_CAT_(a, b) a##b
#define NTL_CAT(a, b) NTL_CAT_(a, b)
extern const KernelTable NTL_CAT(table_, NTL_TARGET);
extern const ladder::Rungs NTL_CAT(ladder_, NTL_TARGET);

namespace {

thread_local std::string reason_text;

Reason because(const std::string& text) {
  reason_text = text;
  return reason_text.c_str();
}

// Whether to wait for each kernel, so that an error is noticed where it was made.
bool wait_for_each() {
  static const bool wait = [] {
    const char* value = std::getenv("NAUTILE_CUDA_WAIT");
    return value != nullptr && std::strcmp(value, "0") != 0;
  }();
  return wait;
}

// Null for success. Otherwise the error in words; one that a kernel caused is noticed by a later call, so the launch that
// this thread made last is named as what it is: the last one.
Reason outcome(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return nullptr;
  std::string text = std::string(call) + ": " + cudaGetErrorString(error) + " (" + cudaGetErrorName(error) + ")";
#if defined(NTL_EMULATED)
  if (error == cudaErrorLaunchFailure) text += std::string(": ") + emulated::last_failure();
#endif
  const cuda::Launch& last = cuda::last_launch;
  if (last.kernel[0] != '\0' && error != cudaErrorMemoryAllocation) {
    text += std::string("; the last launch was ") + last.kernel + " on a grid of " + std::to_string(last.grid.x) +
            " x " + std::to_string(last.grid.y) + " x " + std::to_string(last.grid.z) + " blocks of " +
            std::to_string(last.block.x) + " x " + std::to_string(last.block.y) + " x " + std::to_string(last.block.z) +
            " threads with " + std::to_string(last.shared_bytes) + " bytes of shared memory";
    if (!wait_for_each()) text += "; NAUTILE_CUDA_WAIT=1 waits for each and so finds the one that failed";
  }
  cudaGetLastError();  // what is not sticky must not be blamed on the next call
  return because(text);
}

#define NTL_TRY(call)                                                                   \
  do {                                                                                  \
    if (const Reason failed = outcome((call), #call); failed != nullptr) return failed; \
  } while (false)

// Copies between the host's memory and the device go through these: only from pinned memory is a copy asynchronous, and
// only a copy in pieces overlaps with filling them.
constexpr std::int64_t kStagingBytes = 1 << 20;
constexpr int kStagingBuffers = 2;

struct Staging {
  std::byte* buffer = nullptr;
  cudaEvent_t free = nullptr;  // the last copy from it is done
};

struct CudaDevice {
  std::int32_t index = 0;
  cudaStream_t stream = nullptr;
  cudaStream_t capture = nullptr;
  cudaMemPool_t pool = nullptr;
  Fault* fault = nullptr;
  std::string description;
  std::mutex copying;
  Staging staging[kStagingBuffers];
  int next = 0;
};

CudaDevice& from(void* device) { return *static_cast<CudaDevice*>(device); }

std::string gib(std::size_t bytes) {
  const std::size_t tenths = (bytes * 10 + (1U << 29)) >> 30;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

Reason count(std::int32_t* devices) {
  int n = 0;
  const cudaError_t error = cudaGetDeviceCount(&n);
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0;
    int runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    const auto version = [](int v) { return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10); };
    cudaGetLastError();
    if (driver == 0) return because("there is no NVIDIA driver; install one that supports CUDA " + version(runtime));
    return because("the NVIDIA driver supports CUDA " + version(driver) + ", needed is " + version(runtime) +
                   "; install a newer driver");
  }
  if (error == cudaErrorNoDevice || (error == cudaSuccess && n == 0)) {
    cudaGetLastError();
    return because(
        "there is an NVIDIA driver, but no GPU that it may use (look at nvidia-smi and CUDA_VISIBLE_DEVICES)");
  }
  NTL_TRY(error);
  *devices = n;
  return nullptr;
}

Reason prepare(CudaDevice& d) {
  NTL_TRY(cudaSetDevice(d.index));
  cudaDeviceProp properties{};
  NTL_TRY(cudaGetDeviceProperties(&properties, d.index));
  if (properties.memoryPoolsSupported == 0) {
    return because(std::string(properties.name) + " has no stream-ordered memory pools; a newer driver may bring them");
  }
  d.description = std::string(properties.name) + ", " + std::to_string(properties.multiProcessorCount) +
                  " multiprocessors, " + gib(properties.totalGlobalMem);
  NTL_TRY(cudaStreamCreateWithFlags(&d.stream, cudaStreamNonBlocking));
  NTL_TRY(cudaStreamCreateWithFlags(&d.capture, cudaStreamNonBlocking));
  NTL_TRY(cudaDeviceGetDefaultMemPool(&d.pool, d.index));
  std::uint64_t keep =
      UINT64_MAX;  // freed memory stays in the pool: giving it back and asking again costs milliseconds
  NTL_TRY(cudaMemPoolSetAttribute(d.pool, cudaMemPoolAttrReleaseThreshold, &keep));
  for (Staging& staging : d.staging) {
    NTL_TRY(cudaHostAlloc(reinterpret_cast<void**>(&staging.buffer), kStagingBytes, cudaHostAllocDefault));
    NTL_TRY(cudaEventCreateWithFlags(&staging.free, cudaEventDisableTiming));
  }
  void* fault = nullptr;
  NTL_TRY(cudaHostAlloc(&fault, sizeof(Fault), cudaHostAllocMapped));
  d.fault = new (fault) Fault;
  return nullptr;
}

Reason open(std::int32_t index, void** device) {
  auto* d = new CudaDevice;  // devices live as long as the process
  d->index = index;
  if (const Reason failed = prepare(*d); failed != nullptr) {
    delete d;
    return failed;
  }
  *device = d;
  return nullptr;
}

const char* description(void* device) { return from(device).description.c_str(); }

// Which device is current is a thread's own business, and asking costs less than setting.
Reason enter(CudaDevice& d) {
  int current = -1;
  NTL_TRY(cudaGetDevice(&current));
  if (current != d.index) NTL_TRY(cudaSetDevice(d.index));
  return nullptr;
}

Reason enter(void* device, void** stream, Fault** fault) {
  CudaDevice& d = from(device);
  *stream = d.stream;
  *fault = d.fault;
  return enter(d);
}

Reason launched(void* device) {
  if (wait_for_each()) return outcome(cudaStreamSynchronize(from(device).stream), "kernel");
  return outcome(cudaPeekAtLastError(), "kernel");
}

Reason allocate(void* device, std::int64_t bytes, void** block) {
  CudaDevice& d = from(device);
  if (const Reason failed = enter(d); failed != nullptr) return failed;
  const auto size = static_cast<std::size_t>(bytes > 0 ? bytes : 1);  // 0 bytes have an address, too
  return outcome(cudaMallocAsync(block, size, d.stream), "cudaMallocAsync");
}

void release(void* device, void* block) {
  CudaDevice& d = from(device);
  if (enter(d) == nullptr) cudaFreeAsync(block, d.stream);
}

void trim(void* device) {
  CudaDevice& d = from(device);
  if (enter(d) != nullptr) return;
  cudaStreamSynchronize(d.stream);  // what is still being freed is not yet the pool's to give
  cudaMemPoolTrimTo(d.pool, 0);
}

void memory(void* device, std::int64_t* pool, std::int64_t* free, std::int64_t* total) {
  CudaDevice& d = from(device);
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  std::uint64_t reserved = 0;
  if (enter(d) == nullptr) {
    cudaMemGetInfo(&free_bytes, &total_bytes);
    cudaMemPoolGetAttribute(d.pool, cudaMemPoolAttrReservedMemCurrent, &reserved);
  }
  *pool = static_cast<std::int64_t>(reserved);
  *free = static_cast<std::int64_t>(free_bytes);
  *total = static_cast<std::int64_t>(total_bytes);
}

Reason copy_in(void* device, void* dst, const void* src, std::int64_t bytes) {
  CudaDevice& d = from(device);
  if (const Reason failed = enter(d); failed != nullptr) return failed;
  const std::lock_guard lock(d.copying);
  for (std::int64_t done = 0; done < bytes; done += kStagingBytes) {
    const auto piece = static_cast<std::size_t>(bytes - done < kStagingBytes ? bytes - done : kStagingBytes);
    Staging& staging = d.staging[d.next];
    d.next = (d.next + 1) % kStagingBuffers;
    NTL_TRY(cudaEventSynchronize(staging.free));
    std::memcpy(staging.buffer, static_cast<const std::byte*>(src) + done, piece);
    NTL_TRY(
        cudaMemcpyAsync(static_cast<std::byte*>(dst) + done, staging.buffer, piece, cudaMemcpyHostToDevice, d.stream));
    NTL_TRY(cudaEventRecord(staging.free, d.stream));
  }
  return nullptr;
}

Reason copy_out(void* device, void* dst, const void* src, std::int64_t bytes) {
  CudaDevice& d = from(device);
  if (const Reason failed = enter(d); failed != nullptr) return failed;
  const std::lock_guard lock(d.copying);
  for (std::int64_t done = 0; done < bytes; done += kStagingBytes) {
    const auto piece = static_cast<std::size_t>(bytes - done < kStagingBytes ? bytes - done : kStagingBytes);
    Staging& staging = d.staging[d.next];
    d.next = (d.next + 1) % kStagingBuffers;
    NTL_TRY(cudaMemcpyAsync(staging.buffer, static_cast<const std::byte*>(src) + done, piece, cudaMemcpyDeviceToHost,
                            d.stream));
    NTL_TRY(cudaStreamSynchronize(d.stream));
    std::memcpy(static_cast<std::byte*>(dst) + done, staging.buffer, piece);
  }
  if (bytes == 0) NTL_TRY(cudaStreamSynchronize(d.stream));
  return nullptr;
}

Reason synchronize(void* device) {
  CudaDevice& d = from(device);
  if (const Reason failed = enter(d); failed != nullptr) return failed;
  return outcome(cudaStreamSynchronize(d.stream), "kernel");
}

Reason begin_capture(void* device, void** stream) {
  CudaDevice& d = from(device);
  *stream = d.capture;
  return outcome(cudaStreamBeginCapture(d.capture, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
}

Reason end_capture(void* device, void** graph) {
  cudaGraph_t captured = nullptr;
  NTL_TRY(cudaStreamEndCapture(from(device).capture, &captured));
  cudaGraphExec_t ready = nullptr;
  const Reason failed = outcome(cudaGraphInstantiate(&ready, captured, 0), "cudaGraphInstantiate");
  cudaGraphDestroy(captured);
  *graph = ready;
  return failed;
}

Reason run_graph(void* device, void* graph) {
  CudaDevice& d = from(device);
  if (const Reason failed = enter(d); failed != nullptr) return failed;
  return outcome(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), d.stream), "cudaGraphLaunch");
}

void release_graph(void* device, void* graph) {
  CudaDevice& d = from(device);
  if (enter(d) != nullptr) return;
  cudaStreamSynchronize(d.stream);  // it may be running
  cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph));
}

}  // namespace
}  // namespace nautile

extern "C" __attribute__((visibility("default"))) const nautile::DevicePlugin* ntl_device_plugin() {
  using namespace nautile;
  static const DevicePlugin plugin = {
      .version = NTL_VERSION,
      .table_bytes = sizeof(KernelTable),
      .kernels = &NTL_CAT(table_, NTL_TARGET),
      .ladder = &NTL_CAT(ladder_, NTL_TARGET),
      .count = &count,
      .open = &open,
      .description = &description,
      .enter = &enter,
      .launched = &launched,
      .allocate = &allocate,
      .release = &release,
      .trim = &trim,
      .memory = &memory,
      .copy_in = &copy_in,
      .copy_out = &copy_out,
      .synchronize = &synchronize,
      .begin_capture = &begin_capture,
      .end_capture = &end_capture,
      .run_graph = &run_graph,
      .release_graph = &release_graph,
  };
  return &plugin;
}
