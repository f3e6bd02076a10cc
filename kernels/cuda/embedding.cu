#include "nautile/embedding.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// Forward: one thread for four elements of a row, or for one. Backward: one warp for 128 columns of a row of the weight; it
// looks for the row's number among all indices, which the block brings into shared memory 256 at a time. That reads count
// indices rows / 8 times, from the second-level cache, and needs neither atomics nor sorting.

namespace nautile::NTL_TARGET {
namespace {

template <int kPack>
__global__ void __launch_bounds__(kThreads) embedding_forward_by_element(EmbeddingForward a, Fault* fault) {
  const std::int64_t packs = a.cols / kPack;
  for_items(a.count * packs, [&](std::int64_t i) {
    const std::int64_t r = i / packs;
    const std::int64_t c = i % packs * kPack;
    const std::int64_t v = a.index[r];
    Pack<kPack> x;
    if (v >= 0 && v < a.rows) {
      x = load<kPack>(a.weight + v * a.cols + c);
    } else {
      if (c == 0) report(fault, r, v);
      NTL_UNROLL
      for (float& element : x.v) element = NAN;
    }
    store(a.y + r * a.cols + c, x);
  });
}

constexpr int kColumns = 4;  // of a lane, kWarp apart

__global__ void __launch_bounds__(kThreads) embedding_backward_by_row(EmbeddingBackward a) {
  NTL_SHARED(std::int64_t, tile, [kThreads]);
  const std::int64_t blocks = ceil_div(a.cols, kWarp * kColumns);
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const std::int64_t items = ceil_div(a.rows, kWarps) * blocks;
  for (std::int64_t item = blockIdx.x; item < items;
       item += gridDim.x) {  // the same turns for all threads of the block
    const std::int64_t v = item / blocks * kWarps + threadIdx.x / kWarp;
    const std::int64_t begin = item % blocks * kWarp * kColumns + lane;
    double total[kColumns] = {};
    for (std::int64_t first = 0; first < a.count; first += kThreads) {
      const std::int64_t mine = first + threadIdx.x;
      tile[threadIdx.x] = mine < a.count ? a.index[mine] : -1;
      __syncthreads();
      for (int chunk = 0; chunk < kThreads; chunk += kWarp) {
        unsigned hits = __ballot_sync(kAllLanes, tile[chunk + lane] == v && v != a.padding);
        while (hits != 0) {  // in the order of the places
          const std::int64_t r = first + chunk + __ffs(static_cast<int>(hits)) - 1;
          hits &= hits - 1;
          NTL_UNROLL
          for (int k = 0; k < kColumns; ++k) {
            const std::int64_t c = begin + k * kWarp;
            if (c < a.cols) total[k] += static_cast<double>(a.dy[r * a.cols + c]);
          }
        }
      }
      __syncthreads();  // the tile is written again
    }
    NTL_UNROLL
    for (int k = 0; k < kColumns; ++k) {
      const std::int64_t c = begin + k * kWarp;
      if (v >= a.rows || c >= a.cols) continue;
      float* dweight = a.dweight + v * a.cols + c;
      const auto g = static_cast<float>(total[k]);
      *dweight = a.accumulate ? *dweight + g : g;
    }
  }
}

}  // namespace

void embedding_forward(const EmbeddingForward& a, std::byte*, const Team& team) {
  const cudaStream_t stream = stream_of(team);
  team.fault->input = "embedding: index";
  team.fault->bound = a.rows;
  const std::int64_t size = a.count * a.cols;
  if (a.cols % kFour == 0 && aligned(a.weight, a.y)) {
    NTL_LAUNCH((embedding_forward_by_element<kFour>), blocks_for_packs(size, kFour), dim3(kThreads), 0, stream, a,
               team.fault);
  } else {
    NTL_LAUNCH((embedding_forward_by_element<1>), blocks_for_packs(size, 1), dim3(kThreads), 0, stream, a, team.fault);
  }
}

void embedding_backward(const EmbeddingBackward& a, std::byte*, const Team& team) {
  const std::int64_t items = ceil_div(a.rows, kWarps) * ceil_div(a.cols, kWarp * kColumns);
  NTL_LAUNCH(embedding_backward_by_row, blocks_for(items, 1), dim3(kThreads), 0, stream_of(team), a);
}

}  // namespace nautile::NTL_TARGET
