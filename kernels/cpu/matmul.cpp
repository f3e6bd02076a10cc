#include "nautile/matmul.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "nautile/amx.hpp"
#include "nautile/gemm_args.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/gemm_panels.hpp"
#include "nautile/gemm_pairs.hpp"
#include "nautile/gemm_tiles.hpp"
#include "nautile/gemm_plan.hpp"
#include "nautile/gemm_row.hpp"
#include "nautile/gemm.hpp"
#include "nautile/gemm_turned.hpp"

namespace nautile::NTL_TARGET {
namespace {

Gemm gemm_of(const MatmulForward& a) {
  return with_packed({a.a, a.b, a.y, a.batch, a.m, a.n, a.k, a.a_batch, a.a_row, a.a_col, a.b_batch, a.b_row, a.b_col,
                      a.y_batch, a.y_row, nullptr, a.accumulate, a.precision},
                     a.packed);
}

}  // namespace

std::int64_t tasks(const MatmulForward& args) { return turned_tasks(gemm_of(args)); }

std::int64_t workspace(const MatmulForward& args, std::int64_t team_size) {
  return turned_workspace(gemm_of(args), team_size);
}

std::int64_t prepack(const MatmulForward& args, std::byte* packed) {
  return prepack_b(gemm_of(args), reinterpret_cast<float*>(packed));
}

void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team) {
  const Gemm g = gemm_of(args);
  if (!is_turned(g)) return gemm(g, workspace, team);
  auto* transposed = reinterpret_cast<float*>(workspace);
  gemm(turned(g, transposed), workspace + turned_bytes(g), team,
       [&](const float* block, std::int64_t rows, std::int64_t cols) {
         turn(g, transposed, block, rows, cols, [=](Vec v) { return v; });
       });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
