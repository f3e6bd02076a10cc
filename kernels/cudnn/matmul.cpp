#include "nautile/matmul.hpp"

#include <map>
#include <mutex>

#include "nautile/library.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kNoTranspose = 0;
constexpr int kTranspose = 1;
constexpr std::int64_t kLargest = std::int64_t{1} << 30;  // of an extent in one call: cuBLAS counts in 32 bits

bool possible(const MatmulForward& a) {
  return blas_matrix(a.m, a.k, a.a_row, a.a_col).possible && blas_matrix(a.k, a.n, a.b_row, a.b_col).possible &&
         a.m <= kLargest && a.n <= kLargest && a.k <= kLargest && a.y_row <= kLargest && a.batch <= kLargest;
}

// A handle for each stream. They live as long as the process, as streams do.
void* handle(void* stream) {
  static std::mutex mutex;
  static auto* const handles = new std::map<void*, void*>;
  const std::lock_guard lock(mutex);
  void*& handle = (*handles)[stream];
  if (handle == nullptr && (cublas_library.create(&handle) != 0 || cublas_library.set_stream(handle, stream) != 0)) {
    handle = nullptr;
  }
  return handle;
}

}  // namespace

const KernelTable& base() { return *cublas_library.base; }

std::int64_t tasks(const MatmulForward&) { return 1; }

std::int64_t workspace(const MatmulForward& args, std::int64_t) {
  return possible(args) ? 0 : base().matmul_forward.workspace(args, 1);
}

// Row-major y = a b is column-major y^T = b^T a^T.
void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team) {
  if (!possible(args)) {
    base().matmul_forward.run(args, workspace, team);
    return;
  }
  if (args.m == 0 || args.n == 0 || args.batch == 0) return;
  const BlasMatrix a = blas_matrix(args.m, args.k, args.a_row, args.a_col);
  const BlasMatrix b = blas_matrix(args.k, args.n, args.b_row, args.b_col);
  const float one = 1.0F;
  const float beta = args.accumulate ? 1.0F : 0.0F;
  const int status = cublas_library.sgemm(
      handle(team.stream), b.transposed ? kTranspose : kNoTranspose, a.transposed ? kTranspose : kNoTranspose,
      static_cast<int>(args.n), static_cast<int>(args.m), static_cast<int>(args.k), &one, args.b,
      static_cast<int>(b.leading), args.b_batch, args.a, static_cast<int>(a.leading), args.a_batch, &beta, args.y,
      static_cast<int>(args.m <= 1 ? args.n : args.y_row), args.y_batch, static_cast<int>(args.batch));
  if (status != 0) library_failure = {"cublasSgemmStridedBatched", status};
}

}  // namespace nautile::NTL_TARGET
