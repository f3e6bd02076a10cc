// What every kernel is: a function that a whole team of threads calls with the same arguments (SPMD).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

// A function that code on a GPU calls too.
#if defined(__CUDACC__)
#define NTL_HOST_DEVICE __host__ __device__
#else
#define NTL_HOST_DEVICE
#endif

namespace nautile {

// What a kernel says about an index in its input that is out of range. On a GPU the host reads it when it next waits.
struct Fault {
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  std::uint64_t first = kNone;  // position << 32 | the index's low half, kept by minimum: the first one, on any team
  const char* input = "";       // which input, set by the host before the kernel runs
  std::int64_t bound = 0;       // an index must be >= 0 and below

  // The index as `first` holds it; one that does not fit into 32 bits becomes the nearest that does.
  NTL_HOST_DEVICE static constexpr std::uint64_t key(std::int64_t position, std::int64_t index) {
    const std::int64_t low = index < INT32_MIN ? INT32_MIN : index > INT32_MAX ? INT32_MAX : index;
    return static_cast<std::uint64_t>(position) << 32 | static_cast<std::uint32_t>(low);
  }
};

// The threads that run one kernel together, as one member sees them. On a GPU the team is the host thread that launches.
//
// A kernel splits its work into tasks, of which each member takes some. What belongs to one sum, and its order, depend on the
// shape and the instruction set alone: results have the same bits for any team size.
struct Team {
  std::int64_t rank = 0;
  std::int64_t size = 1;
  void (*wait)(void* gate) = nullptr;
  void* gate = nullptr;
  void* stream = nullptr;  // on a GPU: where to launch
  Fault* fault = nullptr;  // on a GPU: reachable from the device too

  // Returns when every member has called it; what they wrote before is visible after. Every member must make the same
  // number of calls.
  void barrier() const {
    if (size > 1) wait(gate);
  }

  // For kernels on the CPU: an index of an input is out of range. The smallest position that is reported counts.
  void report(const char* input, std::int64_t bound, std::int64_t position, std::int64_t index) const {
    const std::uint64_t key = Fault::key(position, index);
    __atomic_store_n(&fault->input, input, __ATOMIC_RELAXED);
    __atomic_store_n(&fault->bound, bound, __ATOMIC_RELAXED);
    std::uint64_t first = __atomic_load_n(&fault->first, __ATOMIC_RELAXED);
    while (key < first &&
           !__atomic_compare_exchange_n(&fault->first, &first, key, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
  }
};

// Names of how a kernel computes.
struct Algorithms {
  const char* of[2] = {};  // of y, or of dx and dweight; null: none, or no choice
};

// One entry of a target's table. `tasks` bounds the useful team size (1: not worth a parallel region); `workspace` is
// the scratch memory in bytes, 64-byte aligned, shared by the team, unspecified content; `fuses` says whether the kernel
// also does the work of another op's kernel, which a plan has put into these arguments; `algorithms` names how it computes,
// where there is a choice. `prepack` writes the weights of these arguments as the kernel would read them fastest, to 64-byte
// aligned memory that a plan keeps for args.packed, and gives its size in bytes; it writes nothing to null.
template <typename Args>
struct Kernel {
  void (*run)(const Args& args, std::byte* workspace, const Team& team);
  std::int64_t (*tasks)(const Args& args);
  std::int64_t (*workspace)(const Args& args, std::int64_t team_size);
  bool (*fuses)(const Args& args);
  Algorithms (*algorithms)(const Args& args);
  std::int64_t (*prepack)(const Args& args, std::byte* packed);
};

// Defaults. A kernel's header overloads these for its own argument type where they do not fit; the overloads may
// live in the target's namespace when they depend on the instruction set.
template <typename Args>
std::int64_t tasks(const Args&) {
  return 1;
}
template <typename Args>
std::int64_t workspace(const Args&, std::int64_t /*team_size*/) {
  return 0;
}
template <typename Args>
bool fuses(const Args&) {
  return false;
}
template <typename Args>
Algorithms algorithms(const Args&) {
  return {};
}
template <typename Args>
std::int64_t prepack(const Args&, std::byte* /*packed*/) {
  return 0;
}

// The matrix that `prepack` packs: rows x cols of it, steps between neighbours in elements. Arguments that have one have
// `const float* packed = nullptr`, too.
struct Weights {
  const float* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t row_step = 0;
  std::int64_t col_step = 0;

  bool operator==(const Weights&) const = default;
};
template <typename Args>
Weights weights(const Args&) {
  return {};
}

// Floating-point operations, where they are what a kernel takes its time for; 0 elsewhere.
template <typename Args>
double flops(const Args&) {
  return 0.0;
}

// Elements per task of an elementwise kernel: 64 KiB of float32, 5 us or more.
constexpr std::int64_t kChunk = 16384;

NTL_HOST_DEVICE constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
constexpr std::int64_t chunks(std::int64_t elements) { return ceil_div(elements, kChunk); }

// Of a product of matrices m x k and k x n.
constexpr double flops_of(std::int64_t m, std::int64_t n, std::int64_t k) {
  return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
}

// Rows per task of a kernel that works row by row, and their tasks.
constexpr std::int64_t rows_per_task(std::int64_t cols) { return cols >= kChunk ? 1 : kChunk / (cols > 0 ? cols : 1); }
constexpr std::int64_t row_tasks(std::int64_t rows, std::int64_t cols) { return ceil_div(rows, rows_per_task(cols)); }

}  // namespace nautile
