// Graphs: a capturing stream keeps work instead of doing it, and what may not be captured ends the capture.
#include "nautile/cuda.hpp"

#include "tests.hpp"

using namespace nautile::cuda;

namespace {

struct Step {
  float factor;
  float term;
};

__global__ void apply(float* x, int n, Step step) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) x[i] = x[i] * step.factor + step.term;
}

cudaStream_t new_stream() {
  cudaStream_t stream = nullptr;
  CHECK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

void captured_work_runs_when_the_graph_does() {
  const cudaStream_t stream = new_stream();
  DeviceArray<float> x(std::vector<float>(40, 5.0f));
  std::vector<float> out(40, 0.0f);
  CHECK_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  cudaStreamCaptureStatus status;
  CHECK_CUDA(cudaStreamIsCapturing(stream, &status));
  CHECK(status == cudaStreamCaptureStatusActive);
  CHECK_CUDA(cudaMemsetAsync(x.data(), 0, 10 * sizeof(float), stream));
  {
    Step step{2, 1};  // kept by value
    float* data = x.data();
    NTL_LAUNCH(apply, 2, 32, 0, stream, data, 40, step);
    step = {0, 0};
    data = nullptr;
  }
  CHECK_CUDA(cudaMemcpyAsync(out.data(), x.data(), 160, cudaMemcpyDeviceToHost, stream));
  cudaGraph_t graph = nullptr;
  CHECK_CUDA(cudaStreamEndCapture(stream, &graph));
  CHECK(x.host() == std::vector<float>(40, 5.0f), "nothing has run yet");

  std::size_t count = 0;
  CHECK_CUDA(cudaGraphGetNodes(graph, nullptr, &count));
  CHECK(count == 3);
  cudaGraphNode_t nodes[3];
  CHECK_CUDA(cudaGraphGetNodes(graph, nodes, &count));
  cudaGraphNodeType types[3];
  for (int i = 0; i < 3; ++i) CHECK_CUDA(cudaGraphNodeGetType(nodes[i], &types[i]));
  CHECK(types[0] == cudaGraphNodeTypeMemset && types[1] == cudaGraphNodeTypeKernel &&
        types[2] == cudaGraphNodeTypeMemcpy);

  cudaGraphExec_t exec = nullptr;
  CHECK_CUDA(cudaGraphInstantiate(&exec, graph, 0));
  CHECK_CUDA(cudaGraphDestroy(graph));
  for (const float expected : {11.0f, 23.0f, 47.0f}) {
    CHECK_CUDA(cudaGraphLaunch(exec, stream));
    CHECK_CUDA(cudaStreamSynchronize(stream));
    CHECK(out[0] == 1 && out[9] == 1 && out[10] == expected && out[39] == expected);
  }
  CHECK_CUDA(cudaGraphExecDestroy(exec));
  CHECK_ERROR(cudaGraphExecDestroy(exec), cudaErrorInvalidValue);
  CHECK_CUDA(cudaStreamDestroy(stream));
  cudaGetLastError();
}

// A second stream joins a capture by waiting for an event of the first, and the first waits for it in turn.
void two_streams_in_one_graph() {
  const cudaStream_t one = new_stream();
  const cudaStream_t two = new_stream();
  cudaEvent_t fork = nullptr;
  cudaEvent_t join = nullptr;
  CHECK_CUDA(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
  CHECK_CUDA(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
  DeviceArray<float> x(std::vector<float>{1});
  CHECK_CUDA(cudaStreamBeginCapture(one, cudaStreamCaptureModeGlobal));
  CHECK_CUDA(cudaEventRecord(fork, one));
  CHECK_CUDA(cudaStreamWaitEvent(two, fork));
  NTL_LAUNCH(apply, 1, 32, 0, two, x.data(), 1, Step{3, 0});
  CHECK_CUDA(cudaEventRecord(join, two));
  CHECK_CUDA(cudaStreamWaitEvent(one, join));
  NTL_LAUNCH(apply, 1, 32, 0, one, x.data(), 1, Step{1, 1});
  cudaGraph_t graph = nullptr;
  CHECK_CUDA(cudaStreamEndCapture(one, &graph));
  CHECK_CUDA(cudaStreamSynchronize(two));
  cudaGraphExec_t exec = nullptr;
  CHECK_CUDA(cudaGraphInstantiate(&exec, graph));
  CHECK_CUDA(cudaGraphLaunch(exec, two));
  CHECK(x.host()[0] == 4);
  CHECK_CUDA(cudaGraphExecDestroy(exec));
  CHECK_CUDA(cudaGraphDestroy(graph));
  CHECK_CUDA(cudaEventDestroy(fork));
  CHECK_CUDA(cudaEventDestroy(join));
  CHECK_CUDA(cudaStreamDestroy(one));
  CHECK_CUDA(cudaStreamDestroy(two));
}

template <typename Call>
void ends_the_capture(cudaStreamCaptureMode mode, Call call) {
  const cudaStream_t stream = new_stream();
  CHECK_CUDA(cudaStreamBeginCapture(stream, mode));
  CHECK_ERROR(call(stream), cudaErrorStreamCaptureUnsupported);
  cudaGraph_t graph = nullptr;
  CHECK_ERROR(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
  CHECK(graph == nullptr);
  CHECK_CUDA(cudaStreamSynchronize(stream));
  CHECK_CUDA(cudaStreamDestroy(stream));
  cudaGetLastError();
}

void what_may_not_be_captured() {
  void* address = nullptr;
  ends_the_capture(cudaStreamCaptureModeRelaxed, [&](cudaStream_t s) { return cudaMallocAsync(&address, 64, s); });
  ends_the_capture(cudaStreamCaptureModeThreadLocal, [&](cudaStream_t) { return cudaMalloc(&address, 64); });
  ends_the_capture(cudaStreamCaptureModeGlobal, [&](cudaStream_t s) { return cudaStreamSynchronize(s); });
  ends_the_capture(cudaStreamCaptureModeGlobal, [&](cudaStream_t) { return cudaDeviceSynchronize(); });
  CHECK_ERROR(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal), cudaErrorStreamCaptureUnsupported);
  cudaGetLastError();
}

}  // namespace

void test_graphs() {
  captured_work_runs_when_the_graph_does();
  two_streams_in_one_graph();
  what_may_not_be_captured();
}
