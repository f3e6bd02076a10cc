// Functions of libraries that stand beside our kernels as a measure: OpenBLAS and cuBLAS. The engine is given their addresses
// (ntl_library_function) and needs neither to be built. What the libraries cannot do goes to the kernels they replace.
#pragma once

#include <cstdint>

#include "nautile/kernel_table.hpp"

namespace nautile {

// Row-major CBLAS with 32-bit integers.
struct OpenBlas {
  void (*sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float* a, int lda,
                const float* b, int ldb, float beta, float* c, int ldc) = nullptr;
  const KernelTable* base = nullptr;  // of the processor
};
inline OpenBlas openblas_library;

// Column-major; a handle belongs to one device. Results are cublasStatus_t, 0 for success.
struct Cublas {
  int (*create)(void** handle) = nullptr;
  int (*set_stream)(void* handle, void* stream) = nullptr;
  int (*sgemm)(void* handle, int transpose_a, int transpose_b, int m, int n, int k, const float* alpha, const float* a,
               int lda, long long a_batch, const float* b, int ldb, long long b_batch, const float* beta, float* c,
               int ldc, long long c_batch, int batch) = nullptr;  // cublasSgemmStridedBatched
  const KernelTable* base = nullptr;                              // of the device cuda
};
inline Cublas cublas_library;

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
