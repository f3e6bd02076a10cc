#include "nautile/linear.hpp"

#include "nautile/library.hpp"

namespace nautile::NTL_TARGET {

void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team);

namespace {

// All its matrices are contiguous, which the library takes: no workspace.
void matmul(const MatmulForward& args, const Team& team) { matmul_forward(args, nullptr, team); }

const KernelTable& base() { return *cublas_library.base; }

}  // namespace

std::int64_t tasks(const LinearForward&) { return 1; }
std::int64_t tasks(const LinearBackward&) { return 1; }
std::int64_t workspace(const LinearForward&, std::int64_t) { return 0; }
std::int64_t workspace(const LinearBackward& args, std::int64_t) {
  return base().linear_backward.workspace(bias_only(args), 1);
}

void linear_forward(const LinearForward& args, std::byte*, const Team& team) {
  if (team.rank == 0) linear_forward_by(&matmul, base(), args, team);
}

void linear_backward(const LinearBackward& args, std::byte* workspace, const Team& team) {
  if (team.rank == 0) linear_backward_by(&matmul, base(), args, workspace, team);
}

}  // namespace nautile::NTL_TARGET
