// Device and pinned memory: the process's own, counted, so that a device can be full, and known, so that a wrong pointer
// is an error.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <shared_mutex>

#include "device.hpp"
#include "settings.hpp"
#include "stream.hpp"

namespace emulated {
namespace {

struct Memory {
  std::shared_mutex mutex;  // also guards the devices' counts
  std::map<std::uintptr_t, Allocation> all;
};
Memory& memory() {
  static auto* const value = new Memory;
  return *value;
}

constexpr std::size_t kUnit = 512;
std::size_t rounded(std::size_t bytes) { return (bytes + kUnit - 1) / kUnit * kUnit; }

// Exactly as large as asked for, so that the address sanitizer sees the first byte past the end.
void* allocate(std::size_t bytes) {
  void* address = nullptr;
  if (posix_memalign(&address, 256, bytes) != 0) return nullptr;
  std::memset(address, 0xFF, bytes);
  return address;
}

cudaError_t allocate_on(Device& device, void** address, std::size_t bytes) {
  *address = nullptr;
  if (bytes == 0) return cudaSuccess;
  const std::size_t counted = rounded(bytes);
  {
    const std::lock_guard lock(memory().mutex);
    if (counted < bytes || counted > settings().memory || device.used > settings().memory - counted) {
      return cudaErrorMemoryAllocation;
    }
    device.used += counted;
    device.used_high = std::max(device.used_high, device.used);
    device.reserved = std::max(device.reserved, device.used);
    device.reserved_high = std::max(device.reserved_high, device.reserved);
  }
  *address = allocate(bytes);
  const std::lock_guard lock(memory().mutex);
  if (*address == nullptr) {
    device.used -= counted;
    return cudaErrorMemoryAllocation;
  }
  const auto base = reinterpret_cast<std::uintptr_t>(*address);
  memory().all[base] = {bytes, device.index, base};
  return cudaSuccess;
}

// Frees device memory (or pinned, where `pinned`), and nothing else.
cudaError_t give_back(void* address, bool pinned) {
  if (address == nullptr) return cudaSuccess;
  {
    const std::lock_guard lock(memory().mutex);
    const auto found = memory().all.find(reinterpret_cast<std::uintptr_t>(address));
    if (found == memory().all.end() || (found->second.device < 0) != pinned) return cudaErrorInvalidValue;
    if (!pinned) devices()[static_cast<std::size_t>(found->second.device)].used -= rounded(found->second.bytes);
    memory().all.erase(found);
  }
  std::free(address);
  return cudaSuccess;
}

cudaError_t pin(void** address, std::size_t bytes) {
  *address = nullptr;
  if (bytes == 0) return cudaSuccess;
  void* memory_block = allocate(bytes);
  if (memory_block == nullptr) return cudaErrorMemoryAllocation;
  const std::lock_guard lock(memory().mutex);
  const auto base = reinterpret_cast<std::uintptr_t>(memory_block);
  memory().all[base] = {bytes, -1, base};
  *address = memory_block;
  return cudaSuccess;
}

// Whether `bytes` from `address` on are what `kind` says: memory of a device, or not.
bool fits(const void* address, std::size_t bytes, bool on_device) {
  Allocation found;
  if (!find_allocation(address, found)) return !on_device;
  if (on_device && found.device < 0) return false;
  if (!on_device && found.device >= 0) return false;
  return reinterpret_cast<std::uintptr_t>(address) - found.base + bytes <= found.bytes;
}

cudaError_t check_copy(const void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return cudaSuccess;
  if (to == nullptr || from == nullptr) return cudaErrorInvalidValue;
  bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind == cudaMemcpyDefault) {
    Allocation found;
    to_device = find_allocation(to, found) && found.device >= 0;
    from_device = find_allocation(from, found) && found.device >= 0;
  } else if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return cudaErrorInvalidMemcpyDirection;
  }
  return fits(to, bytes, to_device) && fits(from, bytes, from_device) ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t ready(const CUstream_st* stream) {
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  return usable(devices()[static_cast<std::size_t>(stream->device)]);
}

}  // namespace

bool find_allocation(const void* address, Allocation& allocation) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  const std::shared_lock lock(memory().mutex);
  auto after = memory().all.upper_bound(wanted);
  if (after == memory().all.begin()) return false;
  allocation = (--after)->second;
  return wanted - allocation.base < allocation.bytes;
}

void release_unused(Device& device) {
  const std::lock_guard lock(memory().mutex);
  device.reserved = std::max(device.used, std::min<std::size_t>(device.reserved, device.release_threshold));
}

}  // namespace emulated

using namespace emulated;

extern "C" {

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::shared_lock lock(memory().mutex);
  *total = settings().memory;
  *free = *total - current_device().reserved;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** address, std::size_t bytes) {
  if (const cudaError_t error = usable(current_device()); error != cudaSuccess) return noted(error);
  if (const cudaError_t error = forbidden_while_capturing(); error != cudaSuccess) return noted(error);
  return noted(allocate_on(current_device(), address, bytes));
}

// Freeing works on a device that a kernel has broken, so that no memory is lost; the answer is still its error.
cudaError_t cudaFree(void* address) {
  if (const cudaError_t error = forbidden_while_capturing(); error != cudaSuccess) return noted(error);
  const cudaError_t error = give_back(address, false);
  release_unused(current_device());
  return noted(error != cudaSuccess ? error : usable(current_device()));
}

cudaError_t cudaMallocAsync(void** address, std::size_t bytes, cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  if (const cudaError_t error = ready(stream); error != cudaSuccess) return noted(error);
  const std::lock_guard lock(stream->busy);
  if (stream->capture != nullptr) {
    stream->capture->invalid = true;
    return noted(cudaErrorStreamCaptureUnsupported);
  }
  return noted(allocate_on(devices()[static_cast<std::size_t>(stream->device)], address, bytes));
}

cudaError_t cudaFreeAsync(void* address, cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return noted(cudaErrorInvalidResourceHandle);
  const std::lock_guard lock(stream->busy);
  if (stream->capture != nullptr) {
    stream->capture->invalid = true;
    return noted(cudaErrorStreamCaptureUnsupported);
  }
  const cudaError_t error = give_back(address, false);
  return noted(error != cudaSuccess ? error : ready(stream));
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  if (!valid_device(device)) return noted(cudaErrorInvalidDevice);
  *pool = &devices()[static_cast<std::size_t>(device)].pool;
  return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  Device& device = devices()[static_cast<std::size_t>(pool->device)];
  const std::lock_guard lock(memory().mutex);
  switch (attribute) {
    case cudaMemPoolReuseFollowEventDependencies:
    case cudaMemPoolReuseAllowOpportunistic:
    case cudaMemPoolReuseAllowInternalDependencies: return cudaSuccess;
    case cudaMemPoolAttrReleaseThreshold:
      std::memcpy(&device.release_threshold, value, sizeof(std::uint64_t));
      return cudaSuccess;
    case cudaMemPoolAttrReservedMemHigh: device.reserved_high = device.reserved; return cudaSuccess;
    case cudaMemPoolAttrUsedMemHigh: device.used_high = device.used; return cudaSuccess;
    default: return noted(cudaErrorInvalidValue);
  }
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  const Device& device = devices()[static_cast<std::size_t>(pool->device)];
  const std::shared_lock lock(memory().mutex);
  std::uint64_t number = 0;
  switch (attribute) {
    case cudaMemPoolAttrReleaseThreshold: number = device.release_threshold; break;
    case cudaMemPoolAttrReservedMemCurrent: number = device.reserved; break;
    case cudaMemPoolAttrReservedMemHigh: number = device.reserved_high; break;
    case cudaMemPoolAttrUsedMemCurrent: number = device.used; break;
    case cudaMemPoolAttrUsedMemHigh: number = device.used_high; break;
    default: return noted(cudaErrorInvalidValue);
  }
  std::memcpy(value, &number, sizeof(number));
  return cudaSuccess;
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, std::size_t bytes_to_keep) {
  Device& device = devices()[static_cast<std::size_t>(pool->device)];
  const std::lock_guard lock(memory().mutex);
  device.reserved = std::max(device.used, std::min(device.reserved, bytes_to_keep));
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** address, std::size_t bytes, unsigned) {
  if (const cudaError_t error = usable(current_device()); error != cudaSuccess) return noted(error);
  if (const cudaError_t error = forbidden_while_capturing(); error != cudaSuccess) return noted(error);
  return noted(pin(address, bytes));
}
cudaError_t cudaMallocHost(void** address, std::size_t bytes) { return cudaHostAlloc(address, bytes, 0); }
cudaError_t cudaFreeHost(void* address) { return noted(give_back(address, true)); }

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* address) {
  Allocation found;
  void* const plain = const_cast<void*>(address);
  if (!find_allocation(address, found)) {
    *attributes = {cudaMemoryTypeUnregistered, -1, nullptr, plain};
  } else if (found.device < 0) {
    *attributes = {cudaMemoryTypeHost, current_device().index, plain, plain};
  } else {
    *attributes = {cudaMemoryTypeDevice, found.device, plain, nullptr};
  }
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  if (const cudaError_t error = ready(stream); error != cudaSuccess) return noted(error);
  if (const cudaError_t error = check_copy(to, from, bytes, kind); error != cudaSuccess) return noted(error);
  if (bytes == 0) return cudaSuccess;
  const auto work = [=] {
    if (const cudaError_t error = check_copy(to, from, bytes, kind); error != cudaSuccess) return error;
    std::memmove(to, from, bytes);
    return cudaSuccess;
  };
  return noted(perform(*stream, cudaGraphNodeTypeMemcpy, work, [&] { return std::function<cudaError_t()>(work); }));
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (const cudaError_t error = forbidden_while_capturing(); error != cudaSuccess) return noted(error);
  return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, std::size_t bytes,
                                cudaStream_t handle) {
  Allocation a;
  Allocation b;
  if (bytes > 0 &&
      (!find_allocation(to, a) || a.device != to_device || !find_allocation(from, b) || b.device != from_device)) {
    return noted(cudaErrorInvalidValue);
  }
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, handle);
}

cudaError_t cudaMemsetAsync(void* address, int value, std::size_t bytes, cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  if (const cudaError_t error = ready(stream); error != cudaSuccess) return noted(error);
  if (bytes == 0) return cudaSuccess;
  if (!fits(address, bytes, true)) return noted(cudaErrorInvalidValue);
  const auto work = [=] {
    if (!fits(address, bytes, true)) return cudaErrorInvalidValue;
    std::memset(address, value, bytes);
    return cudaSuccess;
  };
  return noted(perform(*stream, cudaGraphNodeTypeMemset, work, [&] { return std::function<cudaError_t()>(work); }));
}

cudaError_t cudaMemset(void* address, int value, std::size_t bytes) {
  if (const cudaError_t error = forbidden_while_capturing(); error != cudaSuccess) return noted(error);
  return cudaMemsetAsync(address, value, bytes, nullptr);
}

}  // extern "C"
