// Meaning, shapes and error bounds: native/include/nautile/op/linear.h
#pragma once

#include "nautile/activation.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile {

struct LinearForward {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  MatmulPrecision precision = MatmulPrecision::highest;
  Activation function = Activation::linear;  // of y; others only in plans
  float alpha = 0.0F;
  const float* packed = nullptr;  // weight, as `prepack` writes it; only in plans
};

struct LinearBackward {
  const float* x;
  const float* weight;
  const float* dy;
  float* dx;
  float* dweight;
  float* dbias;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  bool accumulate_dx;
  bool accumulate_dweight;
  bool accumulate_dbias;
  MatmulPrecision precision = MatmulPrecision::highest;
  const float* mask = nullptr;  // as x: dx is 0 where it is not positive; only in plans
  float mask_scale = 1.0F;      // of dx where it is
};

inline double flops(const LinearForward& a) { return flops_of(a.m, a.n, a.k); }
inline double flops(const LinearBackward& a) {
  return static_cast<double>((a.dx != nullptr) + (a.dweight != nullptr)) * flops_of(a.m, a.n, a.k);
}

inline Algorithms algorithms(const LinearForward& a) { return {{a.packed == nullptr ? nullptr : "packed beforehand"}}; }
inline Weights weights(const LinearForward& a) { return {a.weight, a.k, a.n, 1, a.k}; }

namespace NTL_TARGET {
std::int64_t tasks(const LinearForward& args);
std::int64_t tasks(const LinearBackward& args);
// On cpu: that of one matmul at a time.
std::int64_t workspace(const LinearForward& args, std::int64_t team_size);
std::int64_t workspace(const LinearBackward& args, std::int64_t team_size);
bool fuses(const LinearForward& args);
std::int64_t prepack(const LinearForward& args, std::byte* packed);
bool fuses(const LinearBackward& args);
}  // namespace NTL_TARGET

}  // namespace nautile
