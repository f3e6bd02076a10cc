// What the emulator's tests share.
#pragma once

#include <cstddef>
#include <cuda_runtime.h>
#include <string>
#include <vector>

#include "check.hpp"

// The parts of the test program.
void test_intrinsics();
void test_math();
void test_kernels();
void test_tensor_gemm();
void test_runtime();
void test_graphs();
void test_clusters();
void test_failures();

#define CHECK_CUDA(call)                                                                                  \
  do {                                                                                                    \
    const cudaError_t error_ = (call);                                                                    \
    CHECK(error_ == cudaSuccess, "%s: %s %s", #call, cudaGetErrorName(error_), emulated::last_failure()); \
  } while (false)
#define CHECK_ERROR(call, expected)                                                              \
  do {                                                                                           \
    const cudaError_t error_ = (call);                                                           \
    CHECK(error_ == (expected), "%s is %s, not %s", #call, cudaGetErrorName(error_), #expected); \
  } while (false)

// An array on the current device.
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) { CHECK_CUDA(cudaMalloc(&data_, size * sizeof(T))); }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    CHECK_CUDA(cudaMemcpy(data_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(data_); }

  T* data() const { return data_; }
  operator T*() const { return data_; }
  std::vector<T> host() const {
    std::vector<T> values(size_);
    CHECK_CUDA(cudaMemcpy(values.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};
