// What the environment says; README.md lists the variables.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emulated {

struct Settings {
  int devices = 1;                            // NAUTILE_EMULATED_DEVICES
  std::size_t memory = std::size_t{4} << 30;  // NAUTILE_EMULATED_MEMORY, bytes of each device
  int threads = 1;                            // NAUTILE_EMULATED_THREADS, OS threads that run blocks
  std::uint64_t seed = 0;                     // NAUTILE_EMULATED_SEED
};

// Read once, at the first call.
const Settings& settings();

// The order of threads and blocks: settings().seed unless set_seed was called.
std::uint64_t seed();

}  // namespace emulated
