// The matrix product for the ops, as precise as it says: by fmaf (cuda_gemm.hpp) or, where that takes less time, on tensor cores
// (cuda_tensor_gemm.hpp). Its kernels are compiled once, in cuda/matmul.cu.
#pragma once

#include "nautile/gemm_args.hpp"
#include "nautile/kernel.hpp"

namespace nautile::NTL_TARGET {

// The bytes of workspace that product needs.
std::int64_t product_workspace(const Gemm& g);

void product(const Gemm& g, std::byte* workspace, const Team& team);

}  // namespace nautile::NTL_TARGET
