// How CUDA kernels divide work that has no order: grids, loops over elements, runs of floats.
#pragma once

#include <cstdint>

#include "nautile/cuda.hpp"
#include "nautile/kernel.hpp"

// NTL_UNROLL before a loop over an array that is to live in registers; NTL_UNROLL_BY(2) where that would take too many.
#if defined(__CUDACC__)
#define NTL_UNROLL _Pragma("unroll")
#define NTL_UNROLL_BY(turns) NTL_PRAGMA(unroll turns)
#define NTL_PRAGMA(text) _Pragma(#text)
#else
#define NTL_UNROLL
#define NTL_UNROLL_BY(turns)
#endif

namespace nautile::NTL_TARGET {
namespace {

constexpr int kThreads = 256;               // of every block
constexpr std::int64_t kMaxBlocks = 65536;  // beyond, a block takes several turns
// Of an H200, for which work is cut whatever the device is: how sums are split, and so their bits, are the shape's.
constexpr std::int64_t kProcessors = 132;

// A grid for so many items, of which a block takes `per_block` at a time; none for none.
inline dim3 blocks_for(std::int64_t items, std::int64_t per_block) {
  const std::int64_t blocks = ceil_div(items, per_block);
  return dim3(static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks));
}

inline cudaStream_t stream_of(const Team& team) { return static_cast<cudaStream_t>(team.stream); }

// Of the current device's compute capability, the first number; 0 if there is none.
inline int capability() {
  int device = 0;
  int major = 0;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  return major;
}

// Lets the kernel's blocks have so many bytes of dynamic shared memory, of which 48 KiB need no asking. False where the
// device has less.
template <typename Kernel>
bool allow_shared(Kernel* kernel, std::size_t bytes) {
  if (bytes <= 48 << 10) return true;
  const cudaError_t error = cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                                 cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
  if (error != cudaSuccess) static_cast<void>(cudaGetLastError());
  return error == cudaSuccess;
}

// f(i) for i < count, one thread an item, neighbours side by side. Index holds count + kMaxBlocks * kThreads.
template <typename Index, typename F>
__device__ void for_items(Index count, F&& f) {
  const auto step = static_cast<Index>(gridDim.x) * static_cast<Index>(kThreads);
  for (Index i = static_cast<Index>(blockIdx.x) * static_cast<Index>(kThreads) + threadIdx.x; i < count; i += step)
    f(i);
}

// Whether so many items may be counted in 32 bits, where a division costs a fifth of one in 64.
inline bool short_index(std::int64_t items) { return items <= INT32_MAX; }

// A 64-bit quotient, by a 32-bit division where the numbers are small enough for one.
__device__ inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (((a | b) >> 32) == 0) return static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b);
  return a / b;
}

// Launches kernel<Index>(args) with a thread for each of so many items, counted in 32 bits where they fit.
#define NTL_LAUNCH_ITEMS(kernel, items, team, args)                                         \
  do {                                                                                      \
    const std::int64_t items_ = (items);                                                    \
    const dim3 grid_ = blocks_for(items_, kThreads);                                        \
    if (short_index(items_)) {                                                              \
      NTL_LAUNCH((kernel<std::uint32_t>), grid_, dim3(kThreads), 0, stream_of(team), args); \
    } else {                                                                                \
      NTL_LAUNCH((kernel<std::int64_t>), grid_, dim3(kThreads), 0, stream_of(team), args);  \
    }                                                                                       \
  } while (false)

// An index of an input is out of range: Team::report for threads of a GPU. The smallest position counts.
__device__ inline void report(Fault* fault, std::int64_t position, std::int64_t index) {
  atomicMin(reinterpret_cast<unsigned long long*>(&fault->first),
            static_cast<unsigned long long>(Fault::key(position, index)));
}

// ------------------------------------------------------------------------------------------------ runs of floats

// kCount floats that are moved by one instruction.
template <int kCount>
struct alignas(4 * kCount) Pack {
  float v[kCount];
};
template <int kCount>
__device__ Pack<kCount> load(const float* p) {
  return *reinterpret_cast<const Pack<kCount>*>(p);
}
template <int kCount>
__device__ void store(float* p, const Pack<kCount>& pack) {
  *reinterpret_cast<Pack<kCount>*>(p) = pack;
}

constexpr int kFour = 4;
template <int kCount>
struct Count {
  static constexpr int value = kCount;
};

// Whether runs of four may be moved at once; null pointers do not matter.
inline bool aligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % sizeof(Pack<kFour>) == 0; }
template <typename... Pointers>
bool aligned(const void* p, const Pointers*... others) {
  return aligned(p) && aligned(others...);
}

// f(i, Count<n>) for the runs of [0, size): of kPack elements, then one by one.
template <int kPack, typename F>
__device__ void for_packs(std::int64_t size, F&& f) {
  const std::int64_t packs = size / kPack;
  for_items(packs, [&](std::int64_t i) { f(i * kPack, Count<kPack>{}); });
  if constexpr (kPack > 1) for_items(size - packs * kPack, [&](std::int64_t i) { f(packs * kPack + i, Count<1>{}); });
}
inline dim3 blocks_for_packs(std::int64_t size, int pack) { return blocks_for(size, std::int64_t{kThreads} * pack); }

// The same in two steps, for what only waits for memory: finish(i, Count<n>, load(i, Count<n>)), where the loads of
// kInFlight runs are on their way before the first is finished. Without the two steps they would not be: what is stored may
// be what is loaded next.
constexpr int kInFlight = 2;
template <int kPack, typename Load, typename Finish>
__device__ void for_packs(std::int64_t size, Load&& load, Finish&& finish) {
  const std::int64_t packs = size / kPack;
  constexpr std::int64_t kBatch = std::int64_t{kThreads} * kInFlight;
  for (std::int64_t first = blockIdx.x * kBatch + threadIdx.x; first < packs; first += gridDim.x * kBatch) {
    decltype(load(first, Count<kPack>{})) loaded[kInFlight] = {};
    NTL_UNROLL
    for (int t = 0; t < kInFlight; ++t) {
      const std::int64_t i = first + t * kThreads;
      if (i < packs) loaded[t] = load(i * kPack, Count<kPack>{});
    }
    NTL_UNROLL
    for (int t = 0; t < kInFlight; ++t) {
      const std::int64_t i = first + t * kThreads;
      if (i < packs) finish(i * kPack, Count<kPack>{}, loaded[t]);
    }
  }
  if constexpr (kPack > 1) {
    for_items(size - packs * kPack, [&](std::int64_t rest) {
      const std::int64_t i = packs * kPack + rest;
      finish(i, Count<1>{}, load(i, Count<1>{}));
    });
  }
}
inline dim3 blocks_for_turns(std::int64_t size, int pack) { return blocks_for_packs(size, pack * kInFlight); }

// y = f(x), element by element.
template <int kPack, typename F>
__device__ void map_packs(std::int64_t size, const float* x, float* y, F&& f) {
  for_packs<kPack>(
      size, [&](std::int64_t i, auto count) { return load<count.value>(x + i); },
      [&](std::int64_t i, auto, auto v) {
        NTL_UNROLL
        for (float& e : v.v) e = f(e);
        store(y + i, v);
      });
}

// ------------------------------------------------------------------------------------------------ runs of a row

// Four neighbours in a row of which `valid` are left, one by one where the memory is not aligned; zeros beyond.
using Run = Pack<kFour>;
template <bool kAligned>
__device__ Run load_run(const float* p, std::int64_t valid) {
  if constexpr (kAligned) {
    return load<kFour>(p);
  } else {
    Run run{};
    NTL_UNROLL
    for (int k = 0; k < kFour; ++k) {
      if (k < valid) run.v[k] = p[k];
    }
    return run;
  }
}
template <bool kAligned>
__device__ void store_run(float* p, std::int64_t valid, const Run& run) {
  if constexpr (kAligned) {
    store(p, run);
  } else {
    NTL_UNROLL
    for (int k = 0; k < kFour; ++k) {
      if (k < valid) p[k] = run.v[k];
    }
  }
}
// Whether all runs of rows of so many elements may be moved at once.
template <typename... Pointers>
bool aligned_rows(std::int64_t cols, const Pointers*... p) {
  return cols % kFour == 0 && aligned(p...);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
