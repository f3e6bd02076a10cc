// The setting of ntl_matmul_precision, which ops that multiply matrices give to their kernels.
#pragma once

#include <atomic>

#include "nautile/gemm_args.hpp"

namespace nautile {

extern std::atomic<MatmulPrecision> matmul_precision;

}  // namespace nautile
