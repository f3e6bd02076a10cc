// What a device plugin gives to the engine: one table of functions, the result of its only export. Engine and plugin come
// from one build; `version` and `table_bytes` are compared before anything else is touched.
#pragma once

#include <cstdint>

namespace nautile {

struct Fault;
struct KernelTable;
namespace ladder {
struct Rungs;
}

// Null when a call went well, or else why not: text of the calling thread, valid until its next call.
using Reason = const char*;

// The functions of a device take what `open` gave. They may be called from any thread; work is done in the order of the
// calls.
struct DevicePlugin {
  const char* version;
  std::int64_t table_bytes;  // sizeof(KernelTable)
  const KernelTable* kernels;
  const ladder::Rungs* ladder;

  // How many devices there are; the reason when they cannot be used at all.
  Reason (*count)(std::int32_t* devices);
  Reason (*open)(std::int32_t index, void** device);

  // For example "NVIDIA H200, 132 multiprocessors, 139 GiB".
  const char* (*description)(void* device);

  // Makes the device the calling thread's, and tells where to launch and where kernels report.
  Reason (*enter)(void* device, void** stream, Fault** fault);

  // After a kernel: whether it could be launched.
  Reason (*launched)(void* device);

  // Memory comes from a pool in stream order: a block may be released while kernels that were given it still run.
  Reason (*allocate)(void* device, std::int64_t bytes, void** block);
  void (*release)(void* device, void* block);
  void (*trim)(void* device);

  // Bytes of the pool, and of the whole device: not in use by anyone, and all.
  void (*memory)(void* device, std::int64_t* pool, std::int64_t* free, std::int64_t* total);

  // Host to device: the source may be overwritten when it returns, the copy may still be under way.
  Reason (*copy_in)(void* device, void* dst, const void* src, std::int64_t bytes);

  // Device to host: complete when it returns.
  Reason (*copy_out)(void* device, void* dst, const void* src, std::int64_t bytes);

  // Waits until all work is done.
  Reason (*synchronize)(void* device);

  // Launches on the stream that begin_capture gives are kept, not run; run_graph repeats them all with one call.
  Reason (*begin_capture)(void* device, void** stream);
  Reason (*end_capture)(void* device, void** graph);
  Reason (*run_graph)(void* device, void* graph);
  void (*release_graph)(void* device, void* graph);
};

}  // namespace nautile

// The plugin's only export, and its name for dlsym.
using DevicePluginFunction = const nautile::DevicePlugin*();
constexpr const char* kDevicePluginFunction = "ntl_device_plugin";
