// The emulated devices: their memory and errors, and what the calling thread has chosen.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "emulated/runtime_api.h"

struct CUmemPoolHandle_st {
  int device;
};

namespace emulated {

struct Device {
  int index = 0;
  CUmemPoolHandle_st pool{};
  CUstream_st* default_stream = nullptr;

  // Set by a kernel that failed, and then the answer to every call.
  std::atomic<cudaError_t> broken{cudaSuccess};

  // Bytes of memory; guarded by memory_mutex().
  std::size_t used = 0;
  std::size_t used_high = 0;
  std::size_t reserved = 0;
  std::size_t reserved_high = 0;
  std::uint64_t release_threshold = 0;
};

std::vector<Device>& devices();
Device& current_device();
bool valid_device(int device);

// Notes an error as the calling thread's last, and returns it.
cudaError_t noted(cudaError_t error);

// What last_failure() returns.
void note_failure(const std::string& what);

// Memory, device's or pinned host's, that covers an address.
struct Allocation {
  std::size_t bytes = 0;
  int device = -1;  // -1: pinned host memory
  std::uintptr_t base = 0;
};
// False where no allocation has `address` inside.
bool find_allocation(const void* address, Allocation& allocation);

// Gives the pools' unused memory back down to their thresholds, as CUDA does when the host waits for a device.
void release_unused(Device& device);

}  // namespace emulated
