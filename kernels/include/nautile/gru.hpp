// Meaning, shapes and error bounds: native/include/nautile/op/gru.h
#pragma once

#include "nautile/recurrent_args.hpp"

namespace nautile {

struct GruForward : RecurrentForward {};
struct GruBackward : RecurrentBackward {};

inline double flops(const GruForward& a) { return recurrent_flops(a, 3); }
inline double flops(const GruBackward& a) { return recurrent_flops(a, 3); }

namespace NTL_TARGET {
std::int64_t tasks(const GruForward& args);
std::int64_t tasks(const GruBackward& args);
// On cpu: recurrent.hpp.
std::int64_t workspace(const GruForward& args, std::int64_t team_size);
std::int64_t workspace(const GruBackward& args, std::int64_t team_size);
}  // namespace NTL_TARGET

}  // namespace nautile
