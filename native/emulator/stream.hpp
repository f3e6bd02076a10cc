// Streams, and what a capturing stream keeps.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "device.hpp"
#include "emulated/runtime_api.h"

struct CUgraphNode_st {
  cudaGraphNodeType type;
  std::function<cudaError_t()> run;
};

namespace emulated {

// One cudaStreamBeginCapture, shared by the streams that joined through events.
struct Capture {
  CUstream_st* origin;
  cudaStreamCaptureMode mode;
  std::thread::id owner;
  bool invalid = false;
  std::vector<CUgraphNode_st> nodes;
};

}  // namespace emulated

struct CUstream_st {
  int device;
  unsigned flags;
  std::recursive_mutex busy;  // held while the stream's work runs, or is noted
  std::shared_ptr<emulated::Capture> capture;
};

namespace emulated {

// The stream that a handle means: null is the current device's default stream. Null where there is no such stream.
CUstream_st* find_stream(cudaStream_t handle);

// Whether the device answers calls at all.
cudaError_t usable(const Device& device);

// For calls that may not be made while a stream is capturing: invalidates the captures they would break.
cudaError_t forbidden_while_capturing();

// Does `work` on the stream: now, or, when the stream is capturing, `keep()` is kept for the graph.
template <typename Work, typename Keep>
cudaError_t perform(CUstream_st& stream, cudaGraphNodeType type, Work&& work, Keep&& keep) {
  const std::lock_guard lock(stream.busy);
  if (stream.capture != nullptr) {
    if (stream.capture->invalid) return cudaErrorStreamCaptureInvalidated;
    stream.capture->nodes.push_back({type, keep()});
    return cudaSuccess;
  }
  return work();
}

}  // namespace emulated
