#include "nautile/matmul.hpp"

#include "nautile/library.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kRowMajor = 101;
constexpr int kNoTranspose = 111;
constexpr int kTranspose = 112;
constexpr std::int64_t kLargest = std::int64_t{1} << 30;  // of an extent in one call: OpenBLAS counts in 32 bits

bool possible(const MatmulForward& a) {
  return blas_matrix(a.m, a.k, a.a_row, a.a_col).possible && blas_matrix(a.k, a.n, a.b_row, a.b_col).possible &&
         a.m <= kLargest && a.n <= kLargest && a.k <= kLargest && a.y_row <= kLargest;
}

}  // namespace

const KernelTable& base() { return *openblas_library.base; }

// OpenBLAS has threads of its own.
std::int64_t tasks(const MatmulForward&) { return 1; }
std::int64_t prepack(const MatmulForward&, std::byte*) { return 0; }

std::int64_t workspace(const MatmulForward& args, std::int64_t) {
  return possible(args) ? 0 : base().matmul_forward.workspace(args, 1);
}

void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team) {
  if (!possible(args)) {
    base().matmul_forward.run(args, workspace, team);
    return;
  }
  if (team.rank != 0 || args.m == 0 || args.n == 0) return;
  const BlasMatrix a = blas_matrix(args.m, args.k, args.a_row, args.a_col);
  const BlasMatrix b = blas_matrix(args.k, args.n, args.b_row, args.b_col);
  for (std::int64_t matrix = 0; matrix < args.batch; ++matrix) {
    openblas_library.cblas_sgemm(
        kRowMajor, a.transposed ? kTranspose : kNoTranspose, b.transposed ? kTranspose : kNoTranspose,
        static_cast<int>(args.m), static_cast<int>(args.n), static_cast<int>(args.k), 1.0F,
        args.a + matrix * args.a_batch, static_cast<int>(a.leading), args.b + matrix * args.b_batch,
        static_cast<int>(b.leading), args.accumulate ? 1.0F : 0.0F, args.y + matrix * args.y_batch,
        static_cast<int>(args.m <= 1 ? args.n : args.y_row));
  }
}

}  // namespace nautile::NTL_TARGET
