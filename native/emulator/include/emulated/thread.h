// What a kernel sees of the thread that runs it: its index, its block, shared memory and barriers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "emulated/vectors.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)

namespace emulated {

// A line of a kernel. As a default argument it is the caller's.
struct Place {
  const char* file;
  unsigned line;
  static constexpr Place here(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    return {file, line};
  }
};

// A cp.async that was issued; it happens when the thread waits for it.
struct AsyncCopy {
  void* to;
  const void* from;  // null: zeros
  std::size_t bytes;
};

// A thread's copies that it has not waited for yet.
struct CopyQueue {
  std::vector<AsyncCopy> copies;
  std::vector<std::size_t> groups;  // for each committed group, the end of its copies
};

struct Thread {
  uint3 index{};
  unsigned linear = 0;  // x first, then y, z
  CopyQueue* queue = nullptr;
};

struct Block {
  uint3 index{};
  dim3 size;
  dim3 grid;
  std::byte* dynamic_shared = nullptr;
};

// The CUDA thread that this OS thread is running; null outside kernels.
struct Current {
  Thread* thread;
  Block* block;
};
// initial-exec: threadIdx must not cost a call.
extern constinit thread_local Current current __attribute__((tls_model("initial-exec")));

// Stops the launch: its device then answers every call with cudaErrorLaunchFailure, and last_failure() says why.
[[noreturn]] void fail(Place place, const char* what);

// What __syncthreads_or and its like combine.
struct Vote {
  unsigned count;  // threads whose predicate was not 0
  bool any;
  bool all;
};
// `id` differs between two barriers written on one line.
Vote block_barrier(Place place, int id, bool predicate);

// The blocks that run together: the two halves of their barrier, and another block's copy of what `mine` points to in
// shared memory.
void cluster_arrive(Place place);
void cluster_wait(Place place);
unsigned cluster_rank();
unsigned cluster_size();
void* shared_of_block(Place place, void* mine, unsigned rank);

// Lets other threads of the block run.
void yield_to_others();

// Ordering for the thread sanitizer; nothing otherwise.
void fence();
void before_atomic();

// The block's memory for the NTL_SHARED declaration that owns `key`; filled with 0xFF before its first use.
void* shared_variable(Place place, const void* key, std::size_t bytes);

template <typename T>
T& shared(Place place, const void* key) {
  return *static_cast<T*>(shared_variable(place, key, sizeof(T)));
}

}  // namespace emulated

#define threadIdx (::emulated::current.thread->index)
#define blockIdx (::emulated::current.block->index)
#define blockDim (::emulated::current.block->size)
#define gridDim (::emulated::current.block->grid)
constexpr int warpSize = 32;

#define EMULATED_BARRIER(predicate) ::emulated::block_barrier({__FILE__, __LINE__}, __COUNTER__, (predicate) != 0)
#define __syncthreads() static_cast<void>(EMULATED_BARRIER(0))
#define __syncthreads_count(predicate) static_cast<int>(EMULATED_BARRIER(predicate).count)
#define __syncthreads_or(predicate) static_cast<int>(EMULATED_BARRIER(predicate).any)
#define __syncthreads_and(predicate) static_cast<int>(EMULATED_BARRIER(predicate).all)

inline void __threadfence() { emulated::fence(); }
inline void __threadfence_block() { emulated::fence(); }
inline void __threadfence_system() { emulated::fence(); }
inline void __nanosleep(unsigned) { emulated::yield_to_others(); }
[[noreturn]] inline void __trap(emulated::Place place = emulated::Place::here()) { emulated::fail(place, "__trap()"); }
