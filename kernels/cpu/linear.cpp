#include "nautile/linear.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "nautile/amx.hpp"
#include "nautile/gemm_args.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_activation.hpp"
#include "nautile/gemm_panels.hpp"
#include "nautile/gemm_pairs.hpp"
#include "nautile/gemm_tiles.hpp"
#include "nautile/gemm_plan.hpp"
#include "nautile/gemm_row.hpp"
#include "nautile/gemm.hpp"
#include "nautile/gemm_turned.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kBiasCols = 64;  // columns of dy that one task adds up

// A product of two contiguous matrices: y [rows,cols] = a b over depth terms.
Gemm product(const float* a, std::int64_t a_row, std::int64_t a_col, const float* b, std::int64_t b_row,
             std::int64_t b_col, float* y, std::int64_t rows, std::int64_t cols, std::int64_t depth, const float* bias,
             bool accumulate, MatmulPrecision precision) {
  return {a, b, y, 1, rows, cols, depth, 0, a_row, a_col, 0, b_row, b_col, 0, cols, bias, accumulate, precision};
}

// y = x weight^T + bias
Gemm y_of(const LinearForward& a) {
  return with_packed(product(a.x, a.k, 1, a.weight, 1, a.k, a.y, a.m, a.n, a.k, a.bias, false, a.precision), a.packed);
}
// dx = dy weight
Gemm dx_of(const LinearBackward& a) {
  return product(a.dy, a.n, 1, a.weight, a.k, 1, a.dx, a.m, a.k, a.n, nullptr, a.accumulate_dx, a.precision);
}
// dweight = dy^T x
Gemm dweight_of(const LinearBackward& a) {
  return product(a.dy, 1, a.n, a.x, a.k, 1, a.dweight, a.n, a.k, a.m, nullptr, a.accumulate_dweight, a.precision);
}

std::int64_t larger(std::int64_t a, std::int64_t b) { return a > b ? a : b; }

void bias_gradient(const LinearBackward& a, std::int64_t begin, std::int64_t end) {
  double sums[kBiasCols] = {};
  for (std::int64_t i = 0; i < a.m; ++i) {
    const float* dy = a.dy + i * a.n + begin;
    for (std::int64_t j = 0; j < end - begin; ++j) sums[j] += static_cast<double>(dy[j]);
  }
  for (std::int64_t j = begin; j < end; ++j) {
    const double sum = sums[j - begin];
    a.dbias[j] = static_cast<float>(a.accumulate_dbias ? static_cast<double>(a.dbias[j]) + sum : sum);
  }
}

}  // namespace

std::int64_t tasks(const LinearForward& args) { return turned_tasks(y_of(args)); }

std::int64_t workspace(const LinearForward& args, std::int64_t team_size) {
  return turned_workspace(y_of(args), team_size);
}

bool fuses(const LinearForward&) { return true; }

std::int64_t prepack(const LinearForward& args, std::byte* packed) {
  return prepack_b(y_of(args), reinterpret_cast<float*>(packed));
}

void linear_forward(const LinearForward& args, std::byte* workspace, const Team& team) {
  const Gemm g = y_of(args);
  auto* transposed = reinterpret_cast<float*>(workspace);
  gemm(turned(g, transposed), workspace + turned_bytes(g), team,
       [&](float* block, std::int64_t rows, std::int64_t cols) {
         if (!is_turned(g) && args.function == Activation::linear) return;
         with_function(args.function, args.alpha, [&](auto&& f) {
           if (is_turned(g)) {
             turn(g, transposed, block, rows, cols, f);
           } else {
             for (float* y = block; y < block + rows * args.n; y += args.n) map(y, y, cols, f);
           }
         });
       });
}

std::int64_t tasks(const LinearBackward& args) { return larger(gemm_tasks(dx_of(args)), gemm_tasks(dweight_of(args))); }

std::int64_t workspace(const LinearBackward& args, std::int64_t team_size) {
  return larger(gemm_workspace(dx_of(args), team_size), gemm_workspace(dweight_of(args), team_size));
}

bool fuses(const LinearBackward&) { return true; }

void linear_backward(const LinearBackward& args, std::byte* workspace, const Team& team) {
  if (args.dx != nullptr && args.mask != nullptr) {
    gemm(dx_of(args), workspace, team, [&](float* dx, std::int64_t rows, std::int64_t cols) {
      const float* mask = args.mask + (dx - args.dx);
      for (std::int64_t i = 0; i < rows; ++i, dx += args.k, mask += args.k) mask_run(mask, args.mask_scale, dx, cols);
    });
  } else if (args.dx != nullptr) {
    gemm(dx_of(args), workspace, team);
  }
  if (args.dx != nullptr && args.dweight != nullptr) team.barrier();  // the panels of dx are read no more
  if (args.dweight != nullptr) gemm(dweight_of(args), workspace, team);
  if (args.dbias == nullptr) return;
  for_tasks(team, ceil_div(args.n, kBiasCols),
            [&](std::int64_t task) { bias_gradient(args, task * kBiasCols, least((task + 1) * kBiasCols, args.n)); });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
