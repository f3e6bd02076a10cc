// Meaning, shapes and error bounds: native/include/nautile/op/linear.h
#pragma once

#include "nautile/kernel.hpp"

namespace nautile {

struct LinearForward {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
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
};

namespace NTL_TARGET {
std::int64_t tasks(const LinearForward& args);
std::int64_t tasks(const LinearBackward& args);
std::int64_t workspace(const LinearForward& args, std::int64_t team_size);
std::int64_t workspace(const LinearBackward& args, std::int64_t team_size);
}  // namespace NTL_TARGET

}  // namespace nautile
