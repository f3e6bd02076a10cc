// What the stand-ins for NVIDIA's libraries share: handles, the memory of the emulated device, its streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "../device.hpp"
#include "../stream.hpp"

#define NTL_EXPORTED extern "C" __attribute__((visibility("default")))

namespace emulated {

// Made on a device, and while a stream is captured not at all: the libraries allocate then.
struct LibraryHandle {
  int device;
  cudaStream_t stream = nullptr;

  static LibraryHandle* create() {
    if (forbidden_while_capturing() != cudaSuccess) return nullptr;
    return new LibraryHandle{current_device().index};
  }
  bool set_stream(cudaStream_t wanted) {
    const CUstream_st* found = find_stream(wanted);
    if (found == nullptr || found->device != device) return false;
    stream = wanted;
    return true;
  }

  // Does the work on the stream, or keeps it for the graph that the stream is captured in.
  bool run(const std::function<void()>& work) const {
    const auto node = [work] {
      work();
      return cudaSuccess;
    };
    return perform(*find_stream(stream), cudaGraphNodeTypeHost, node,
                   [&] { return std::function<cudaError_t()>(node); }) == cudaSuccess;
  }

  // Whether so many bytes lie in the device's memory, at an address that the alignment divides.
  bool holds(const void* data, std::int64_t bytes, std::uintptr_t alignment) const {
    Allocation found;
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    return data != nullptr && address % alignment == 0 && find_allocation(data, found) && found.device == device &&
           address + static_cast<std::uintptr_t>(bytes) <= found.base + found.bytes;
  }
};

}  // namespace emulated
