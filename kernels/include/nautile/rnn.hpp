// Meaning, shapes and error bounds: native/include/nautile/op/rnn.h
#pragma once

#include "nautile/recurrent_args.hpp"

namespace nautile {

struct RnnForward : RecurrentForward {};
struct RnnBackward : RecurrentBackward {};

inline double flops(const RnnForward& a) { return recurrent_flops(a, 1); }
inline double flops(const RnnBackward& a) { return recurrent_flops(a, 1); }

namespace NTL_TARGET {
std::int64_t tasks(const RnnForward& args);
std::int64_t tasks(const RnnBackward& args);
// On cpu: recurrent.hpp.
std::int64_t workspace(const RnnForward& args, std::int64_t team_size);
std::int64_t workspace(const RnnBackward& args, std::int64_t team_size);
}  // namespace NTL_TARGET

}  // namespace nautile
