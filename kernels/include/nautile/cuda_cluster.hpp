// Clusters of blocks: launches, the barrier, each other's shared memory. For nvcc and the emulator, as cuda.hpp. They exist
// from compute capability 9.0 on (kClusters); below, a kernel that uses them can be compiled and must not run.
#pragma once

#include "nautile/cuda.hpp"

// NTL_LAUNCH_CLUSTER(kernel, cluster, grid, block, shared_bytes, stream, arguments...): the same, and of the grid's blocks each
// `cluster`, at most 8, neighbours along x, run at the same time and reach each other's shared memory. Ask active_clusters first.
#define NTL_LAUNCH_CLUSTER(kernel_, cluster_, grid_, block_, shared_, stream_, ...)                                \
  do {                                                                                                             \
    const ::nautile::cuda::Launch ntl_launch{NTL_TEXT(NTL_BARE(kernel_)), dim3(grid_), dim3(block_),               \
                                             static_cast<std::size_t>(shared_)};                                   \
    ::nautile::cuda::last_launch = ntl_launch;                                                                     \
    if (!ntl_launch.empty()) {                                                                                     \
      NTL_START_CLUSTER(kernel_, static_cast<unsigned>(cluster_), ntl_launch, stream_ __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                                              \
  } while (false)

#if defined(__CUDACC__)
#define NTL_START_CLUSTER(kernel_, cluster_, l_, stream_, ...)                                                   \
  do {                                                                                                           \
    cudaLaunchAttribute ntl_attribute{};                                                                         \
    const cudaLaunchConfig_t ntl_config = ::nautile::cuda::cluster_config(l_, cluster_, stream_, ntl_attribute); \
    static_cast<void>(cudaLaunchKernelEx(&ntl_config, NTL_BARE(kernel_) __VA_OPT__(, ) __VA_ARGS__));            \
  } while (false)
#define NTL_CLUSTER_PLACE
#define NTL_CLUSTER_PLACE_LAST
#else
#define NTL_START_CLUSTER(kernel_, cluster_, l_, stream_, ...)                                                 \
  ::emulated::launch({l_.grid, l_.block, l_.shared_bytes, stream_, l_.kernel, {__FILE__, __LINE__}, cluster_}, \
                     NTL_BARE(kernel_) __VA_OPT__(, ) __VA_ARGS__)
#define NTL_CLUSTER_PLACE ::emulated::Place place = ::emulated::Place::here()
#define NTL_CLUSTER_PLACE_LAST , NTL_CLUSTER_PLACE
#endif

namespace nautile::cuda {

#if defined(__CUDACC__)
inline cudaLaunchConfig_t cluster_config(const Launch& launch, unsigned cluster, cudaStream_t stream,
                                         cudaLaunchAttribute& attribute) {
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim.x = cluster;
  attribute.val.clusterDim.y = 1;
  attribute.val.clusterDim.z = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = launch.grid;
  config.blockDim = launch.block;
  config.dynamicSmemBytes = launch.shared_bytes;
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = 1;
  return config;
}
#endif

// How many clusters of so many blocks of the kernel the current device runs at the same time; 0: none. Takes microseconds.
template <typename Kernel>
int active_clusters(Kernel* kernel, unsigned cluster, unsigned block, std::size_t shared_bytes) {
  const Launch launch{"", dim3(cluster), dim3(block), shared_bytes};
#if defined(__CUDACC__)
  int device = 0;
  int clusters = 0;
  if (cudaGetDevice(&device) != cudaSuccess) return 0;
  if (cudaDeviceGetAttribute(&clusters, cudaDevAttrClusterLaunch, device) != cudaSuccess || clusters == 0) return 0;
  cudaLaunchAttribute attribute{};
  const cudaLaunchConfig_t config = cluster_config(launch, cluster, nullptr, attribute);
  int active = 0;
  return cudaOccupancyMaxActiveClusters(&active, kernel, &config) == cudaSuccess ? active : 0;
#else
  return ::emulated::max_active_clusters(reinterpret_cast<const void*>(kernel),
                                         {launch.grid, launch.block, launch.shared_bytes, nullptr, "", {}, cluster});
#endif
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
constexpr bool kClusters = false;
#else
constexpr bool kClusters = true;
#endif

// The place of the block in its cluster.
__device__ __forceinline__ unsigned cluster_rank() {
#if !defined(__CUDACC__)
  return ::emulated::cluster_rank();
#else
  unsigned rank = 0;
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  asm("mov.u32 %0, %%cluster_ctarank;\n" : "=r"(rank));
#endif
  return rank;
#endif
}

// The barrier of all threads of a cluster in two halves: what a thread wrote before it arrived, in any block's shared memory
// or in global memory, is there for those that have waited. A thread arrives and waits in turns.
__device__ __forceinline__ void cluster_arrive(NTL_CLUSTER_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::cluster_arrive(place);
#elif !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release;\n" ::: "memory");
#endif
}
__device__ __forceinline__ void cluster_wait(NTL_CLUSTER_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::cluster_wait(place);
#elif !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.wait.acquire;\n" ::: "memory");
#endif
}

// Writes what is at `shared` in the block of that rank. A block must not end before others have written to it.
__device__ __forceinline__ void cluster_store(float* shared, unsigned rank, float value NTL_CLUSTER_PLACE_LAST) {
#if !defined(__CUDACC__)
  *static_cast<float*>(::emulated::shared_of_block(place, shared, rank)) = value;
#elif !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm("mapa.shared::cluster.u32 %0, %1, %2;\n" : "=r"(address) : "r"(address), "r"(rank));
  asm volatile("st.shared::cluster.f32 [%0], %1;\n" ::"r"(address), "f"(value) : "memory");
#endif
}
#undef NTL_CLUSTER_PLACE
#undef NTL_CLUSTER_PLACE_LAST

}  // namespace nautile::cuda
