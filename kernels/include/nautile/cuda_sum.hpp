// How long sums of products are cut in float32.
#pragma once

#include "nautile/kernel.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The terms that are added up one after the other: after so many a new sum begins, and the sums are added up, which bounds the
// rounding errors as it does on the CPU.
constexpr int kSumTerms = 384;

}  // namespace
}  // namespace nautile::NTL_TARGET
