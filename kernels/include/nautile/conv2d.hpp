// Meaning, shapes and error bounds: native/include/nautile/op/conv2d.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

// Which ways of computing are allowed. Minimal filtering (Winograd's) rounds more: see native/include/nautile/op/conv2d.h.
enum class ConvAlgorithm : std::int32_t {
  kAuto,  // what is expected to be fastest
  kDirect,
  kWinograd  // wherever it is possible
};

struct Conv2dShape {
  std::int64_t n;
  std::int64_t c;
  std::int64_t h;
  std::int64_t w;
  std::int64_t k;
  std::int64_t p;
  std::int64_t q;
  std::int64_t r;
  std::int64_t s;
  std::int64_t stride_h;
  std::int64_t stride_w;
  std::int64_t padding_h;
  std::int64_t padding_w;
  std::int64_t dilation_h;
  std::int64_t dilation_w;
  std::int64_t groups;
  ConvAlgorithm algorithm = ConvAlgorithm::kAuto;
};

struct Conv2dForward {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  Conv2dShape shape;
  bool relu;
  // Only in plans: the largest results of squares of 2 x 2 and which of the four they are, instead of y.
  float* pooled = nullptr;
  std::uint8_t* places = nullptr;  // null: not wanted
};

struct Conv2dBackward {
  const float* x;
  const float* weight;
  const float* y;
  const float* dy;
  const float* bias;
  float* dx;
  float* dweight;
  float* dbias;
  Conv2dShape shape;
  bool accumulate_dx;
  bool accumulate_dweight;
  bool accumulate_dbias;
  const float* mask = nullptr;  // as x: dx is 0 where it is not positive; only in plans
  // Only in plans: dy is of the largest of squares of 2 x 2, which lie here; where these are not positive, 0 counts instead.
  const std::uint8_t* places = nullptr;
  const float* pooled = nullptr;  // null: dy counts everywhere
};

inline double flops(const Conv2dShape& s) { return flops_of(s.n * s.p * s.q, s.k, s.c / s.groups * s.r * s.s); }
inline double flops(const Conv2dForward& a) { return flops(a.shape); }
inline double flops(const Conv2dBackward& a) {
  return static_cast<double>((a.dx != nullptr) + (a.dweight != nullptr)) * flops(a.shape);
}

namespace NTL_TARGET {
std::int64_t tasks(const Conv2dForward& args);
std::int64_t tasks(const Conv2dBackward& args);
// On cpu: the weights once more, as the micro-kernel reads them or 4 times as many for Winograd, and for each member what it
// gathers or transforms of a block. Backward also dy where a fused ReLU lets it through, and the parts of dweight and dbias that
// are added up at the end.
std::int64_t workspace(const Conv2dForward& args, std::int64_t team_size);
std::int64_t workspace(const Conv2dBackward& args, std::int64_t team_size);
bool fuses(const Conv2dForward& args);
bool fuses(const Conv2dBackward& args);
Algorithms algorithms(const Conv2dForward& args);
Algorithms algorithms(const Conv2dBackward& args);
}  // namespace NTL_TARGET

}  // namespace nautile
