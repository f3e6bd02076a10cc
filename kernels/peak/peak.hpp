// What a processor can do at best: loops that do nothing but multiply and add, or read and write. They are no ops: ops.def
// and the kernel tables know nothing of them.
#pragma once

#include <cstdint>

#include "nautile/kernel.hpp"

namespace nautile {

// One pass over an element: s += a, a = 1, a = b, a = b + 3 c.
enum class Stream : std::int32_t { kRead, kWrite, kCopy, kTriad };

// Passes over arrays of `size` elements, a multiple of kStreamUnit times the team's size; each member has one part.
struct PeakStream {
  Stream stream;
  float* a;
  const float* b;
  const float* c;
  std::int64_t size;
  std::int64_t rounds;
};

constexpr std::int64_t kStreamUnit = 128;  // eight vectors of the widest kind

// The loops of one instruction set.
struct PeakTable {
  const char* target;
  std::int64_t flops_per_round;  // of one thread
  void (*multiply_add)(std::int64_t rounds);
  void (*stream)(const PeakStream& args, const Team& team);
};

extern const PeakTable peak_cpu_baseline;
extern const PeakTable peak_cpu_avx2;
extern const PeakTable peak_cpu_avx512;

}  // namespace nautile
