#include "nautile/matmul.hpp"

#include "nautile/cudnn.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kNoTranspose = 0;
constexpr int kTranspose = 1;
constexpr std::int64_t kLargest = std::int64_t{1} << 30;  // of an extent in one call: cuBLAS counts in 32 bits

bool possible(const MatmulForward& a) {
  return blas_matrix(a.m, a.k, a.a_row, a.a_col).possible && blas_matrix(a.k, a.n, a.b_row, a.b_col).possible &&
         a.m <= kLargest && a.n <= kLargest && a.k <= kLargest && a.y_row <= kLargest && a.batch <= kLargest;
}

}  // namespace

const KernelTable& base() { return *cuda_libraries.base; }

std::int64_t tasks(const MatmulForward&) { return 1; }
std::int64_t prepack(const MatmulForward&, std::byte*) { return 0; }

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
  const Session session(Session::Library::cublas, team.stream);
  if (!session.ok()) return;
  NTL_SUCCEEDED(cublasSgemmStridedBatched, session.handle(), b.transposed ? kTranspose : kNoTranspose,
                a.transposed ? kTranspose : kNoTranspose, static_cast<int>(args.n), static_cast<int>(args.m),
                static_cast<int>(args.k), &one, args.b, static_cast<int>(b.leading), args.b_batch, args.a,
                static_cast<int>(a.leading), args.a_batch, &beta, args.y,
                static_cast<int>(args.m <= 1 ? args.n : args.y_row), args.y_batch, static_cast<int>(args.batch));
}

}  // namespace nautile::NTL_TARGET
