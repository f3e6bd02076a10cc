// linear by the matmul of a library; the whole of <library>/linear.cpp. Bias and its gradient are the base's.
#pragma once

#include "nautile/library.hpp"
#include "nautile/linear.hpp"

namespace nautile::NTL_TARGET {

// In matmul.cpp. The matrices of linear are contiguous, which a library takes: no workspace.
void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team);
const KernelTable& base();

namespace {

void product(const float* a, std::int64_t a_row, std::int64_t a_col, const float* b, std::int64_t b_row,
             std::int64_t b_col, float* y, std::int64_t m, std::int64_t n, std::int64_t k, bool accumulate,
             const Team& team) {
  matmul_forward({a, b, y, 1, m, n, k, 0, a_row, a_col, 0, b_row, b_col, 0, n, accumulate}, nullptr, team);
}

LinearBackward bias_only(LinearBackward a) {
  a.dx = nullptr;
  a.dweight = nullptr;
  return a;
}

}  // namespace

std::int64_t tasks(const LinearForward&) { return 1; }
std::int64_t tasks(const LinearBackward&) { return 1; }
std::int64_t workspace(const LinearForward&, std::int64_t) { return 0; }
std::int64_t workspace(const LinearBackward& args, std::int64_t) {
  return base().linear_backward.workspace(bias_only(args), 1);
}

bool fuses(const LinearForward&) { return false; }
std::int64_t prepack(const LinearForward&, std::byte*) { return 0; }
bool fuses(const LinearBackward&) { return false; }

// The bias is copied to every row, then the product added.
void linear_forward(const LinearForward& a, std::byte*, const Team& team) {
  if (team.rank != 0) return;
  if (a.bias != nullptr) {
    const CopyForward rows{reinterpret_cast<const std::byte*>(a.bias),
                           reinterpret_cast<std::byte*>(a.y),
                           {1, 1, a.m, a.n},
                           {0, 0, 0, 1},
                           {0, 0, a.n, 1},
                           sizeof(float),
                           false};
    base().copy_forward.run(rows, nullptr, team);
  }
  product(a.x, a.k, 1, a.weight, 1, a.k, a.y, a.m, a.n, a.k, a.bias != nullptr, team);
}

void linear_backward(const LinearBackward& a, std::byte* workspace, const Team& team) {
  if (team.rank != 0) return;
  if (a.dx != nullptr) product(a.dy, a.n, 1, a.weight, a.k, 1, a.dx, a.m, a.k, a.n, a.accumulate_dx, team);
  if (a.dweight != nullptr) product(a.dy, 1, a.n, a.x, a.k, 1, a.dweight, a.n, a.k, a.m, a.accumulate_dweight, team);
  if (a.dbias != nullptr) base().linear_backward.run(bias_only(a), workspace, team);
}

}  // namespace nautile::NTL_TARGET
