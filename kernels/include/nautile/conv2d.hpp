// Meaning, shapes and error bounds: native/include/nautile/op/conv2d.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

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
};

struct Conv2dForward {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  Conv2dShape shape;
  bool relu;
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
};

namespace NTL_TARGET {
std::int64_t tasks(const Conv2dForward& args);
std::int64_t tasks(const Conv2dBackward& args);
std::int64_t workspace(const Conv2dForward& args, std::int64_t team_size);
std::int64_t workspace(const Conv2dBackward& args, std::int64_t team_size);
}  // namespace NTL_TARGET

}  // namespace nautile
