// A stand-in for cuBLAS: the functions that kernels/cudnn calls, by plain loops, with checks of what they are given.
#include "nautile/library.hpp"

#include "checks.hpp"

namespace {

using emulated::LibraryHandle;

constexpr int kSuccess = 0;  // CUBLAS_STATUS_...
constexpr int kNotInitialized = 1;
constexpr int kAllocFailed = 3;
constexpr int kInvalidValue = 7;
constexpr int kExecutionFailed = 13;

// Column-major: rows x cols elements, `leading` from one column to the next, `step` from one matrix to the next.
struct Matrices {
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t leading;
  std::int64_t step;
  int count;

  bool valid() const { return rows >= 0 && cols >= 0 && leading >= (rows > 1 ? rows : 1); }
  std::int64_t bytes() const {
    return rows == 0 || cols == 0 ? 0 : 4 * ((count - 1) * step + (cols - 1) * leading + rows);
  }
};

}  // namespace

NTL_EXPORTED int cublasCreate_v2(void** handle) {
  *handle = LibraryHandle::create();
  return *handle == nullptr ? kAllocFailed : kSuccess;
}

NTL_EXPORTED int cublasSetStream_v2(void* handle, void* stream) {
  if (handle == nullptr) return kNotInitialized;
  return static_cast<LibraryHandle*>(handle)->set_stream(static_cast<cudaStream_t>(stream)) ? kSuccess : kInvalidValue;
}

NTL_EXPORTED int cublasSgemmStridedBatched(void* handle, int transpose_a, int transpose_b, int m, int n, int k,
                                           const float* alpha, const float* a, int lda, long long a_batch,
                                           const float* b, int ldb, long long b_batch, const float* beta, float* c,
                                           int ldc, long long c_batch, int batch) {
  if (handle == nullptr) return kNotInitialized;
  const auto& h = *static_cast<LibraryHandle*>(handle);
  if ((transpose_a | transpose_b) >> 1 != 0 || batch < 0 || alpha == nullptr || beta == nullptr) return kInvalidValue;
  const Matrices in_a{transpose_a != 0 ? k : m, transpose_a != 0 ? m : k, lda, a_batch, batch};
  const Matrices in_b{transpose_b != 0 ? n : k, transpose_b != 0 ? k : n, ldb, b_batch, batch};
  const Matrices out{m, n, ldc, c_batch, batch};
  if (!in_a.valid() || !in_b.valid() || !out.valid()) return kInvalidValue;
  if (batch > 1 && c_batch < std::int64_t{n} * ldc) return kInvalidValue;  // results would overlap
  if (batch > 0 &&
      ((in_a.bytes() > 0 && !h.holds(a, in_a.bytes(), 4)) || (in_b.bytes() > 0 && !h.holds(b, in_b.bytes(), 4)) ||
       (out.bytes() > 0 && !h.holds(c, out.bytes(), 4)))) {
    return kInvalidValue;
  }
  const auto work = [=, scale = *alpha, old = *beta] {
    for (std::int64_t i = 0; i < batch; ++i) {
      for (std::int64_t row = 0; row < m; ++row) {
        for (std::int64_t col = 0; col < n; ++col) {
          double sum = 0.0;
          for (std::int64_t t = 0; t < k; ++t) {
            const float x = a[i * a_batch + (transpose_a != 0 ? t + row * lda : row + t * lda)];
            const float y = b[i * b_batch + (transpose_b != 0 ? col + t * ldb : t + col * ldb)];
            sum += static_cast<double>(x) * static_cast<double>(y);
          }
          float& to = c[i * c_batch + row + col * ldc];
          const double before = old == 0.0F ? 0.0 : static_cast<double>(old) * static_cast<double>(to);
          to = static_cast<float>(static_cast<double>(scale) * sum + before);
        }
      }
    }
  };
  return h.run(work) ? kSuccess : kExecutionFailed;
}

#define NTL_SAME_TYPE(result, name, ...) static_assert(std::is_same_v<decltype(&name), result (*)(__VA_ARGS__)>);
NTL_CUBLAS_FUNCTIONS(NTL_SAME_TYPE)
