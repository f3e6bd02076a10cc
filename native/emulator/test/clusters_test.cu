// Clusters: blocks that meet at a barrier and write to each other's shared memory.
#include "nautile/cuda_cluster.hpp"

#include "tests.hpp"

using namespace nautile::cuda;

namespace {

// In each round a block hands its numbers to the next one of its cluster, which adds its rank.
__global__ void hand_round(float* out, int rounds, int blocks) {
  NTL_DYNAMIC_SHARED(float, numbers);  // two for each thread
  NTL_SHARED(float, flag, [1]);
  const int count = static_cast<int>(blockDim.x);
  const int thread = static_cast<int>(threadIdx.x);
  const unsigned rank = cluster_rank();
  const unsigned next = (rank + 1) % static_cast<unsigned>(blocks);
  numbers[thread] = static_cast<float>(rank);
  cluster_arrive();
  cluster_wait();
  for (int round = 0; round < rounds; ++round) {
    cluster_store(&numbers[(round + 1) % 2 * count + thread], next, numbers[round % 2 * count + thread]);
    if (thread == 0) cluster_store(flag, next, static_cast<float>(round));
    cluster_arrive();
    cluster_wait();
    numbers[(round + 1) % 2 * count + thread] += static_cast<float>(rank) + flag[0] - static_cast<float>(round);
    cluster_arrive();
    cluster_wait();
  }
  out[blockIdx.x * blockDim.x + threadIdx.x] = numbers[rounds % 2 * count + thread];
}

void numbers_go_round(unsigned blocks) {
  constexpr unsigned kThreads = 40;
  constexpr int kRounds = 3;
  const DeviceArray<float> out(std::size_t{3} * blocks * kThreads);
  NTL_LAUNCH_CLUSTER(hand_round, blocks, 3 * blocks, kThreads, 2 * kThreads * sizeof(float), nullptr, out.data(),
                     kRounds, static_cast<int>(blocks));
  CHECK_CUDA(cudaGetLastError());
  const std::vector<float> got = out.host();
  for (unsigned i = 0; i < got.size(); ++i) {
    const unsigned rank = i / kThreads % blocks;
    unsigned expected = 0;
    for (unsigned back = 0; back <= kRounds; ++back) expected += (rank + kRounds * blocks - back) % blocks;
    CHECK(got[i] == static_cast<float>(expected), "%u of %u blocks: %g, not %u", i, blocks, static_cast<double>(got[i]),
          expected);
  }
}

__global__ void nothing(int*) {}

void launches_are_checked() {
  const auto refused = [](unsigned cluster, unsigned grid) {
    NTL_LAUNCH_CLUSTER(nothing, cluster, grid, 32, 0, nullptr, static_cast<int*>(nullptr));
    return cudaGetLastError() == cudaErrorInvalidConfiguration;
  };
  CHECK(!refused(8, 16));
  CHECK(refused(0, 16));
  CHECK(refused(9, 18));
  CHECK(refused(4, 6));
  CHECK(active_clusters(nothing, 8, 256, 0) > 0);
  CHECK(active_clusters(nothing, 8, 2048, 0) == 0);
}

}  // namespace

void test_clusters() {
  for (const std::uint64_t seed : {0, 5}) {
    emulated::set_seed(seed);
    for (const unsigned blocks : {1, 2, 3, 8}) numbers_go_round(blocks);
  }
  emulated::set_seed(0);
  launches_are_checked();
}
