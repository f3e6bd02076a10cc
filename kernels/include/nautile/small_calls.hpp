// Small calls that a device does with one launch.
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// An entry of a table and its arguments, of any op.
struct AnyCall {
  const void* kernel;
  const void* args;
};

namespace NTL_TARGET {

// How many of the calls, from the first one on, one launch on the current device does.
std::int64_t calls_together(const AnyCall* calls, std::int64_t count);

// That launch. `workspace` is large enough for each of the calls.
void run_together(const AnyCall* calls, std::int64_t count, std::byte* workspace, const Team& team);

}  // namespace NTL_TARGET

}  // namespace nautile
