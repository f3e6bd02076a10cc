// The host side of the CUDA devices (native/cuda/plugin.cpp) where a kernel fails: the reason names the kernel, its launch
// and what the emulator found; and the calls whose results the tests in Java do not see.
#include "plugin.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "check.hpp"
#include "ladder.hpp"
#include "nautile/cuda.hpp"
#include "nautile/kernel_table.hpp"

extern "C" const nautile::DevicePlugin* ntl_device_plugin();

namespace nautile {

// The plugin wants a table; nothing here uses its kernels.
extern const KernelTable table_planted;
const KernelTable table_planted{.target = "planted"};
extern const ladder::Rungs ladder_planted;
const ladder::Rungs ladder_planted{};

namespace {

__global__ void barrier_of_half(float* x) {
  if (threadIdx.x < 32) __syncthreads();
  x[threadIdx.x] = 1.0F;
}

__global__ void add_one(float* x, int n) {
  for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) x[i] += 1.0F;
}

void expect(const char* reason, const std::vector<std::string>& parts) {
  CHECK(reason != nullptr);
  for (const std::string& part : parts) {
    CHECK(std::strstr(reason, part.c_str()) != nullptr, "'%s' in: %s", part.c_str(), reason);
  }
}

cudaStream_t stream_of(const DevicePlugin& plugin, void* device) {
  void* stream = nullptr;
  Fault* fault = nullptr;
  CHECK(plugin.enter(device, &stream, &fault) == nullptr);
  CHECK(fault != nullptr && fault->first == Fault::kNone);
  return static_cast<cudaStream_t>(stream);
}

// Larger than the staging buffers, and not a multiple of them.
void copies(const DevicePlugin& plugin, void* device) {
  const std::int64_t count = (5 << 18) + 77;
  const std::int64_t bytes = count * std::int64_t{sizeof(float)};
  std::vector<float> in(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i);
  void* block = nullptr;
  CHECK(plugin.allocate(device, bytes, &block) == nullptr);
  CHECK(plugin.copy_in(device, block, in.data(), bytes) == nullptr);
  std::vector<float> out(in.size(), -1.0F);
  CHECK(plugin.copy_out(device, out.data(), block, bytes) == nullptr);
  CHECK(in == out);
  std::int64_t pool = 0;
  std::int64_t free = 0;
  std::int64_t total = 0;
  plugin.memory(device, &pool, &free, &total);
  CHECK(pool >= bytes && free > 0 && total > free);
  plugin.release(device, block);
  plugin.trim(device);
  plugin.memory(device, &pool, &free, &total);
  CHECK(pool < bytes, "%lld bytes are left in the pool", static_cast<long long>(pool));
}

void graphs(const DevicePlugin& plugin, void* device) {
  std::vector<float> x(100, 0.0F);
  void* block = nullptr;
  const auto bytes = static_cast<std::int64_t>(x.size() * sizeof(float));
  CHECK(plugin.allocate(device, bytes, &block) == nullptr);
  CHECK(plugin.copy_in(device, block, x.data(), bytes) == nullptr);
  void* capture = nullptr;
  void* graph = nullptr;
  CHECK(plugin.begin_capture(device, &capture) == nullptr);
  for (int i = 0; i < 3; ++i) {
    NTL_LAUNCH(add_one, dim3(1), dim3(32), 0, static_cast<cudaStream_t>(capture), static_cast<float*>(block), 100);
  }
  CHECK(plugin.end_capture(device, &graph) == nullptr);
  CHECK(plugin.copy_out(device, x.data(), block, bytes) == nullptr);
  CHECK(x[99] == 0.0F, "a captured kernel has run");
  for (int run = 1; run <= 2; ++run) {
    CHECK(plugin.run_graph(device, graph) == nullptr);
    CHECK(plugin.copy_out(device, x.data(), block, bytes) == nullptr);
    CHECK(x[99] == 3.0F * static_cast<float>(run));
  }
  plugin.release_graph(device, graph);
  plugin.release(device, block);
}

// A launch that cannot be, which the device survives; then a kernel that breaks it, which later calls tell, too.
void failures(const DevicePlugin& plugin, void* device) {
  cudaStream_t stream = stream_of(plugin, device);
  void* block = nullptr;
  CHECK(plugin.allocate(device, 4096, &block) == nullptr);
  NTL_LAUNCH(add_one, dim3(2), dim3(2048), 0, stream, static_cast<float*>(block), 4);
  expect(plugin.launched(device),
         {"cudaErrorInvalidConfiguration", "the last launch was add_one on a grid of 2 x 1 x 1", "2048 x 1 x 1 threads",
          "NAUTILE_CUDA_WAIT=1"});
  CHECK(plugin.launched(device) == nullptr, "an error is told once");
  void* none = nullptr;
  expect(plugin.allocate(device, std::int64_t{1} << 50, &none), {"cudaErrorMemoryAllocation"});
  NTL_LAUNCH(barrier_of_half, dim3(1), dim3(64), 128, stream, static_cast<float*>(block));
  expect(plugin.synchronize(device),
         {"cudaErrorLaunchFailure", "the last launch was barrier_of_half", "128 bytes of shared memory", "plugin.cu:"});
  std::vector<float> x(4);
  CHECK(plugin.copy_out(device, x.data(), block, 16) != nullptr, "a broken device stays broken");
}

}  // namespace
}  // namespace nautile

int main() {
  using namespace nautile;
  const DevicePlugin& plugin = *ntl_device_plugin();
  std::int32_t count = 0;
  CHECK(plugin.count(&count) == nullptr && count == 1);
  void* device = nullptr;
  CHECK(plugin.open(7, &device) != nullptr);
  CHECK(plugin.open(0, &device) == nullptr);
  CHECK(std::strstr(plugin.description(device), "multiprocessors") != nullptr);
  copies(plugin, device);
  graphs(plugin, device);
  failures(plugin, device);
  return 0;
}
