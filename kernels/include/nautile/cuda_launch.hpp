// What is known of a kernel's launch; for the host's part of the CUDA devices, too, which has no kernels.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

namespace nautile::cuda {

// The calling thread's last launch, for error messages.
struct Launch {
  const char* kernel = "";
  dim3 grid{0, 0, 0};
  dim3 block{0, 0, 0};
  std::size_t shared_bytes = 0;

  bool empty() const { return grid.x == 0 || grid.y == 0 || grid.z == 0; }
};
inline thread_local Launch last_launch;

}  // namespace nautile::cuda
