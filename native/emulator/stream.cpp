#include "stream.hpp"

#include <chrono>
#include <set>
#include <unordered_set>

#include "settings.hpp"

struct CUevent_st {
  int device;
  unsigned flags;
  bool recorded = false;
  std::chrono::steady_clock::time_point time{};
  std::shared_ptr<emulated::Capture> capture;  // that the event was recorded in
};

struct CUgraph_st {
  std::vector<CUgraphNode_st> nodes;
};
struct CUgraphExec_st {
  std::vector<CUgraphNode_st> nodes;
};

namespace emulated {
namespace {

// The handles that exist, so that one that does not is an error instead of a crash.
template <typename T>
class Registry {
 public:
  T* add(T* object) {
    const std::lock_guard lock(mutex_);
    all_.insert(object);
    return object;
  }
  bool has(T* object) {
    const std::lock_guard lock(mutex_);
    return all_.contains(object);
  }
  bool remove(T* object) {
    const std::lock_guard lock(mutex_);
    return all_.erase(object) == 1;
  }
  std::vector<T*> list() {
    const std::lock_guard lock(mutex_);
    return {all_.begin(), all_.end()};
  }

 private:
  std::mutex mutex_;
  std::unordered_set<T*> all_;
};

template <typename T>
Registry<T>& registry() {
  static auto* const value = new Registry<T>;
  return *value;
}

// Captures under way. A stream's own is guarded by the stream; this is for calls that concern none.
struct Captures {
  std::mutex mutex;
  std::set<std::shared_ptr<Capture>> active;
};
Captures& captures() {
  static auto* const value = new Captures;
  return *value;
}

}  // namespace

CUstream_st* find_stream(cudaStream_t handle) {
  // 1 and 2 are cudaStreamLegacy and cudaStreamPerThread.
  if (reinterpret_cast<std::uintptr_t>(handle) <= 2) return current_device().default_stream;
  return registry<CUstream_st>().has(handle) ? handle : nullptr;
}

cudaError_t usable(const Device& device) { return settings().devices > 0 ? device.broken.load() : cudaErrorNoDevice; }

cudaError_t forbidden_while_capturing() {
  const std::lock_guard lock(captures().mutex);
  cudaError_t error = cudaSuccess;
  for (const auto& capture : captures().active) {
    if (capture->mode == cudaStreamCaptureModeRelaxed) continue;
    if (capture->mode == cudaStreamCaptureModeThreadLocal && capture->owner != std::this_thread::get_id()) continue;
    capture->invalid = true;
    error = cudaErrorStreamCaptureUnsupported;
  }
  return error;
}

namespace {

// Returns when what others asked of the stream is done.
cudaError_t wait_for(CUstream_st& stream) {
  const std::lock_guard lock(stream.busy);
  if (stream.capture != nullptr) {
    stream.capture->invalid = true;
    return cudaErrorStreamCaptureUnsupported;
  }
  Device& device = devices()[static_cast<std::size_t>(stream.device)];
  release_unused(device);
  return usable(device);
}

cudaError_t run_nodes(const std::vector<CUgraphNode_st>& nodes) {
  for (const CUgraphNode_st& node : nodes) {
    if (const cudaError_t error = node.run(); error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

cudaError_t create(cudaStream_t* stream, unsigned flags) {
  if (const cudaError_t error = usable(current_device()); error != cudaSuccess) return noted(error);
  if (flags > cudaStreamNonBlocking) return noted(cudaErrorInvalidValue);
  *stream = registry<CUstream_st>().add(new CUstream_st{current_device().index, flags, {}, {}});
  return cudaSuccess;
}

}  // namespace
}  // namespace emulated

using namespace emulated;

extern "C" {

// ---- Streams

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return create(stream, cudaStreamDefault); }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) { return create(stream, flags); }
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) { return create(stream, flags); }

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (!registry<CUstream_st>().remove(stream)) return noted(cudaErrorInvalidResourceHandle);
  {
    const std::lock_guard lock(stream->busy);
  }
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  return noted(stream == nullptr ? cudaErrorInvalidResourceHandle : wait_for(*stream));
}
cudaError_t cudaStreamQuery(cudaStream_t handle) { return cudaStreamSynchronize(handle); }

cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t error = forbidden_while_capturing(); error != cudaSuccess) return noted(error);
  Device& device = current_device();
  std::vector<CUstream_st*> streams = registry<CUstream_st>().list();
  streams.push_back(device.default_stream);
  for (CUstream_st* stream : streams) {
    if (stream->device != device.index) continue;
    const std::lock_guard lock(stream->busy);  // what others asked of it is done
  }
  release_unused(device);
  return noted(usable(device));
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t function, void* data) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return noted(cudaErrorInvalidResourceHandle);
  const auto work = [=] {
    function(data);
    return cudaSuccess;
  };
  return noted(perform(*stream, cudaGraphNodeTypeHost, work, [&] { return std::function<cudaError_t()>(work); }));
}

// ---- Events

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  if (const cudaError_t error = usable(current_device()); error != cudaSuccess) return noted(error);
  *event = registry<CUevent_st>().add(new CUevent_st{current_device().index, flags, false, {}, {}});
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  if (!registry<CUevent_st>().remove(event)) return noted(cudaErrorInvalidResourceHandle);
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr || !registry<CUevent_st>().has(event) || event->device != stream->device) {
    return noted(cudaErrorInvalidResourceHandle);
  }
  const std::lock_guard lock(stream->busy);
  event->capture = stream->capture;
  event->recorded = stream->capture == nullptr;
  event->time = std::chrono::steady_clock::now();
  return noted(usable(devices()[static_cast<std::size_t>(stream->device)]));
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (!registry<CUevent_st>().has(event)) return noted(cudaErrorInvalidResourceHandle);
  if (event->capture != nullptr) return noted(cudaErrorCapturedEvent);
  return noted(usable(devices()[static_cast<std::size_t>(event->device)]));
}
cudaError_t cudaEventQuery(cudaEvent_t event) { return cudaEventSynchronize(event); }

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  for (cudaEvent_t event : {start, end}) {
    if (!registry<CUevent_st>().has(event) || (event->flags & cudaEventDisableTiming) != 0 || !event->recorded) {
      return noted(cudaErrorInvalidResourceHandle);
    }
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr || !registry<CUevent_st>().has(event)) return noted(cudaErrorInvalidResourceHandle);
  const std::lock_guard lock(stream->busy);
  if (event->capture == nullptr) {
    if (stream->capture == nullptr || !event->recorded) return cudaSuccess;
    stream->capture->invalid = true;  // the graph would not contain what it waits for
    return noted(cudaErrorStreamCaptureIsolation);
  }
  if (stream->capture != nullptr && stream->capture != event->capture) return noted(cudaErrorStreamCaptureMerge);
  stream->capture = event->capture;  // the stream joins, until the capture ends
  return cudaSuccess;
}

// ---- Graphs

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  if (reinterpret_cast<std::uintptr_t>(handle) <= 1) return noted(cudaErrorStreamCaptureUnsupported);
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return noted(cudaErrorInvalidResourceHandle);
  const std::lock_guard lock(stream->busy);
  if (stream->capture != nullptr) return noted(cudaErrorIllegalState);
  stream->capture = std::make_shared<Capture>(Capture{stream, mode, std::this_thread::get_id(), false, {}});
  const std::lock_guard all(captures().mutex);
  captures().active.insert(stream->capture);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  *graph = nullptr;
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return noted(cudaErrorInvalidResourceHandle);
  const std::shared_ptr<Capture> capture = stream->capture;
  if (capture == nullptr) return noted(cudaErrorIllegalState);
  if (capture->origin != stream) return noted(cudaErrorStreamCaptureUnmatched);
  if (capture->mode != cudaStreamCaptureModeRelaxed && capture->owner != std::this_thread::get_id()) {
    return noted(cudaErrorStreamCaptureWrongThread);
  }
  for (CUstream_st* member : registry<CUstream_st>().list()) {
    const std::lock_guard lock(member->busy);
    if (member->capture == capture) member->capture = nullptr;
  }
  {
    const std::lock_guard all(captures().mutex);
    captures().active.erase(capture);
  }
  if (capture->invalid) return noted(cudaErrorStreamCaptureInvalidated);
  *graph = registry<CUgraph_st>().add(new CUgraph_st{std::move(capture->nodes)});
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return noted(cudaErrorInvalidResourceHandle);
  const std::lock_guard lock(stream->busy);
  *status = stream->capture == nullptr ? cudaStreamCaptureStatusNone
            : stream->capture->invalid ? cudaStreamCaptureStatusInvalidated
                                       : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
  if (!registry<CUgraph_st>().has(graph)) return noted(cudaErrorInvalidValue);
  if (nodes == nullptr) {
    *count = graph->nodes.size();
    return cudaSuccess;
  }
  for (std::size_t i = 0; i < *count; ++i) nodes[i] = i < graph->nodes.size() ? &graph->nodes[i] : nullptr;
  if (*count > graph->nodes.size()) *count = graph->nodes.size();
  return cudaSuccess;
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  if (node == nullptr) return noted(cudaErrorInvalidValue);
  *type = node->type;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  if (!registry<CUgraph_st>().has(graph)) return noted(cudaErrorInvalidValue);
  *exec = registry<CUgraphExec_st>().add(new CUgraphExec_st{graph->nodes});
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle) {
  CUstream_st* stream = find_stream(handle);
  if (stream == nullptr) return noted(cudaErrorInvalidResourceHandle);
  if (!registry<CUgraphExec_st>().has(exec)) return noted(cudaErrorInvalidValue);
  if (const cudaError_t error = usable(devices()[static_cast<std::size_t>(stream->device)]); error != cudaSuccess) {
    return noted(error);
  }
  const auto keep = [exec]() -> std::function<cudaError_t()> {
    return [nodes = exec->nodes] { return run_nodes(nodes); };
  };
  return noted(perform(*stream, cudaGraphNodeTypeHost, [exec] { return run_nodes(exec->nodes); }, keep));
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  if (!registry<CUgraph_st>().remove(graph)) return noted(cudaErrorInvalidValue);
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  if (!registry<CUgraphExec_st>().remove(exec)) return noted(cudaErrorInvalidValue);
  delete exec;
  return cudaSuccess;
}

}  // extern "C"
