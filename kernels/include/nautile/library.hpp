// Functions of libraries that stand beside our kernels as a measure: OpenBLAS, cuBLAS and cuDNN. The engine is given their
// addresses (ntl_library_function) and needs none of them to be built. What the libraries cannot do goes to the kernels they
// replace.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nautile/kernel_table.hpp"

// The functions in use, F(result, name, parameters), as in the libraries' headers: but handles and descriptors are void*,
// enumerations and statuses int.

// Row-major CBLAS with 32-bit integers.
#define NTL_OPENBLAS_FUNCTIONS(F)                                                                                     \
  F(void, cblas_sgemm, int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float* a, \
    int lda, const float* b, int ldb, float beta, float* c, int ldc)

// Column-major.
#define NTL_CUBLAS_FUNCTIONS(F)                                                                                 \
  F(int, cublasCreate_v2, void** handle)                                                                        \
  F(int, cublasSetStream_v2, void* handle, void* stream)                                                        \
  F(int, cublasSgemmStridedBatched, void* handle, int transpose_a, int transpose_b, int m, int n, int k,        \
    const float* alpha, const float* a, int lda, long long a_batch, const float* b, int ldb, long long b_batch, \
    const float* beta, float* c, int ldc, long long c_batch, int batch)

// Scales alpha and beta are float32 in the host's memory; a result r becomes alpha r + beta (what was there).
#define NTL_CUDNN_FUNCTIONS(F)                                                                                         \
  F(int, cudnnCreate, void** handle)                                                                                   \
  F(int, cudnnSetStream, void* handle, void* stream)                                                                   \
  F(int, cudnnCreateTensorDescriptor, void** tensor)                                                                   \
  F(int, cudnnSetTensor4dDescriptor, void* tensor, int format, int type, int n, int c, int h, int w)                   \
  F(int, cudnnAddTensor, void* handle, const void* alpha, void* a_tensor, const void* a, const void* beta,             \
    void* c_tensor, void* c)                                                                                           \
  F(int, cudnnTransformTensor, void* handle, const void* alpha, void* x_tensor, const void* x, const void* beta,       \
    void* y_tensor, void* y)                                                                                           \
  F(int, cudnnCreateFilterDescriptor, void** filter)                                                                   \
  F(int, cudnnSetFilter4dDescriptor, void* filter, int type, int format, int k, int c, int h, int w)                   \
  F(int, cudnnCreateConvolutionDescriptor, void** convolution)                                                         \
  F(int, cudnnSetConvolution2dDescriptor, void* convolution, int padding_h, int padding_w, int stride_h, int stride_w, \
    int dilation_h, int dilation_w, int mode, int type)                                                                \
  F(int, cudnnSetConvolutionGroupCount, void* convolution, int groups)                                                 \
  F(int, cudnnSetConvolutionMathType, void* convolution, int math)                                                     \
  F(int, cudnnGetConvolutionForwardAlgorithm_v7, void* handle, void* x, void* weight, void* convolution, void* y,      \
    int wanted, int* found, void* algorithms)                                                                          \
  F(int, cudnnGetConvolutionForwardWorkspaceSize, void* handle, void* x, void* weight, void* convolution, void* y,     \
    int algorithm, std::size_t* bytes)                                                                                 \
  F(int, cudnnConvolutionForward, void* handle, const void* alpha, void* x_tensor, const void* x, void* filter,        \
    const void* weight, void* convolution, int algorithm, void* workspace, std::size_t bytes, const void* beta,        \
    void* y_tensor, void* y)                                                                                           \
  F(int, cudnnGetConvolutionBackwardDataAlgorithm_v7, void* handle, void* weight, void* dy, void* convolution,         \
    void* dx, int wanted, int* found, void* algorithms)                                                                \
  F(int, cudnnGetConvolutionBackwardDataWorkspaceSize, void* handle, void* weight, void* dy, void* convolution,        \
    void* dx, int algorithm, std::size_t* bytes)                                                                       \
  F(int, cudnnConvolutionBackwardData, void* handle, const void* alpha, void* filter, const void* weight,              \
    void* dy_tensor, const void* dy, void* convolution, int algorithm, void* workspace, std::size_t bytes,             \
    const void* beta, void* dx_tensor, void* dx)                                                                       \
  F(int, cudnnGetConvolutionBackwardFilterAlgorithm_v7, void* handle, void* x, void* dy, void* convolution,            \
    void* dweight, int wanted, int* found, void* algorithms)                                                           \
  F(int, cudnnGetConvolutionBackwardFilterWorkspaceSize, void* handle, void* x, void* dy, void* convolution,           \
    void* dweight, int algorithm, std::size_t* bytes)                                                                  \
  F(int, cudnnConvolutionBackwardFilter, void* handle, const void* alpha, void* x_tensor, const void* x,               \
    void* dy_tensor, const void* dy, void* convolution, int algorithm, void* workspace, std::size_t bytes,             \
    const void* beta, void* filter, void* dweight)                                                                     \
  F(int, cudnnCreateActivationDescriptor, void** activation)                                                           \
  F(int, cudnnSetActivationDescriptor, void* activation, int mode, int nan, double ceiling)                            \
  F(int, cudnnActivationForward, void* handle, void* activation, const void* alpha, void* x_tensor, const void* x,     \
    const void* beta, void* y_tensor, void* y)                                                                         \
  F(int, cudnnActivationBackward, void* handle, void* activation, const void* alpha, void* y_tensor, const void* y,    \
    void* dy_tensor, const void* dy, void* x_tensor, const void* x, const void* beta, void* dx_tensor, void* dx)       \
  F(int, cudnnCreatePoolingDescriptor, void** pooling)                                                                 \
  F(int, cudnnSetPooling2dDescriptor, void* pooling, int mode, int nan, int kernel_h, int kernel_w, int padding_h,     \
    int padding_w, int stride_h, int stride_w)                                                                         \
  F(int, cudnnPoolingForward, void* handle, void* pooling, const void* alpha, void* x_tensor, const void* x,           \
    const void* beta, void* y_tensor, void* y)                                                                         \
  F(int, cudnnPoolingBackward, void* handle, void* pooling, const void* alpha, void* y_tensor, const void* y,          \
    void* dy_tensor, const void* dy, void* x_tensor, const void* x, const void* beta, void* dx_tensor, void* dx)       \
  F(int, cudnnSoftmaxForward, void* handle, int algorithm, int mode, const void* alpha, void* x_tensor, const void* x, \
    const void* beta, void* y_tensor, void* y)                                                                         \
  F(int, cudnnSoftmaxBackward, void* handle, int algorithm, int mode, const void* alpha, void* y_tensor,               \
    const void* y, void* dy_tensor, const void* dy, const void* beta, void* dx_tensor, void* dx)

namespace nautile {

#define NTL_MEMBER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
struct OpenBlas {
  NTL_OPENBLAS_FUNCTIONS(NTL_MEMBER)
  const KernelTable* base = nullptr;  // of the processor
};
inline OpenBlas openblas_library;

struct CudaLibraries {
  NTL_CUBLAS_FUNCTIONS(NTL_MEMBER)
  NTL_CUDNN_FUNCTIONS(NTL_MEMBER)
  const KernelTable* base = nullptr;  // of the device cuda
};
inline CudaLibraries cuda_libraries;
#undef NTL_MEMBER

// The device that this thread launches on, which handles of a library belong to; the engine sets it.
inline thread_local const void* library_device = nullptr;

// What a call of this thread to a library came to, until the engine has looked: a kernel has no result of its own.
struct LibraryFailure {
  const char* call;  // null: nothing failed
  int status;
};
inline thread_local LibraryFailure library_failure = {nullptr, 0};

// How BLAS sees a matrix whose elements are at steps row and column: rows or columns that follow one another.
struct BlasMatrix {
  bool possible;
  bool transposed;
  std::int64_t leading;  // elements from one row (column, when transposed) to the next
};
inline BlasMatrix blas_matrix(std::int64_t rows, std::int64_t columns, std::int64_t row, std::int64_t column) {
  if ((column == 1 || columns <= 1) && (row >= columns || rows <= 1)) {
    return {true, false, rows <= 1 || row < 1 ? (columns < 1 ? 1 : columns) : row};
  }
  if ((row == 1 || rows <= 1) && (column >= rows || columns <= 1)) {
    return {true, true, columns <= 1 || column < 1 ? (rows < 1 ? 1 : rows) : column};
  }
  return {false, false, 0};
}

}  // namespace nautile
