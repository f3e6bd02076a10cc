// What the emulator offers beyond CUDA.
#pragma once

#include <cstdint>

namespace emulated {

// Why the last kernel failed: what, file:line, block and thread; "" when none has. Valid until the calling thread asks
// again. cudaDeviceReset makes the device usable again.
const char* last_failure();

// Order of threads and blocks: 0 for ascending (the default), else shuffled. Takes effect at the next launch; overrides
// NAUTILE_EMULATED_SEED.
void set_seed(std::uint64_t seed);

}  // namespace emulated
