// The emulator's tests, as one program: built plain, with the address sanitizer, and with the thread sanitizer.
#include <cstdlib>

#include "tests.hpp"

int main() {
  setenv("NAUTILE_EMULATED_DEVICES", "2", 1);
  setenv("NAUTILE_EMULATED_MEMORY", "16m", 1);
  setenv("NAUTILE_EMULATED_THREADS", "3", 1);
  test_intrinsics();
  test_math();
  test_kernels();
  test_tensor_gemm();
  test_runtime();
  test_graphs();
  test_clusters();
  test_failures();
  return 0;
}
