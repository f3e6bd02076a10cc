#include "nautile/matmul.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "nautile/gemm_args.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/gemm.hpp"

namespace nautile::NTL_TARGET {
namespace {

Gemm gemm_of(const MatmulForward& a) {
  return {a.a,     a.b,       a.y,     a.batch, a.m,       a.n,     a.k,     a.a_batch,   a.a_row,
          a.a_col, a.b_batch, a.b_row, a.b_col, a.y_batch, a.y_row, nullptr, a.accumulate};
}

}  // namespace

std::int64_t tasks(const MatmulForward& args) { return gemm_tasks(gemm_of(args)); }

std::int64_t workspace(const MatmulForward& args, std::int64_t team_size) {
  return gemm_workspace(gemm_of(args), team_size);
}

void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team) {
  gemm(gemm_of(args), workspace, team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
