// Meaning, shapes and error bounds: native/include/nautile/op/lstm.h
#pragma once

#include "nautile/recurrent_args.hpp"

namespace nautile {

struct LstmForward : RecurrentForward {};
struct LstmBackward : RecurrentBackward {};

inline double flops(const LstmForward& a) { return recurrent_flops(a, 4); }
inline double flops(const LstmBackward& a) { return recurrent_flops(a, 4); }

namespace NTL_TARGET {
std::int64_t tasks(const LstmForward& args);
std::int64_t tasks(const LstmBackward& args);
// On cpu: recurrent.hpp.
std::int64_t workspace(const LstmForward& args, std::int64_t team_size);
std::int64_t workspace(const LstmBackward& args, std::int64_t team_size);
}  // namespace NTL_TARGET

}  // namespace nautile
