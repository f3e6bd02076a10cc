// The matrix product y = a b on tensor cores, for any strides of a and b: by warp groups on Hopper where there is enough to
// do, by mma otherwise and on other GPUs. It makes ten kernels: for one source file, not for each that multiplies.
#pragma once

#include "nautile/cuda_mma_gemm.hpp"
#include "nautile/cuda_wgmma_gemm.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The tiles of the products by warp groups: wide ones while they fill the GPU, else narrow ones.
template <Precision kPrecision>
struct Tiles {};

#if defined(__CUDACC__)
template <>
struct Tiles<Precision::tf32> {
  using Wide = TileShape<Precision::tf32, 256, 128, 4, 1>;
  using Narrow = TileShape<Precision::tf32, 128, 128, 6, 1>;
};
template <>
struct Tiles<Precision::bf16> {
  using Wide = TileShape<Precision::bf16, 256, 128, 4, 1>;
  using Narrow = TileShape<Precision::bf16, 128, 128, 6, 1>;
};
template <>
struct Tiles<Precision::bf16x3> {
  using Wide = TileShape<Precision::bf16x3, 128, 128, 3, 2>;
  using Narrow = TileShape<Precision::bf16x3, 64, 128, 4, 2>;
};
template <>
struct Tiles<Precision::bf16x6> {
  using Wide = TileShape<Precision::bf16x6, 128, 128, 2, 2>;
  using Narrow = TileShape<Precision::bf16x6, 64, 128, 3, 2>;
};

// Whether the current device runs the kernels of sm_90a.
inline bool on_hopper() {
  int device = 0;
  int major = 0;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  return major == 9;
}

// Below, converting a and b costs more than it saves. Of the shape alone, so that the same shape gives the same bits.
inline bool worth_warp_groups(const Gemm& g) {
  constexpr std::int64_t kLeast = 256;
  return g.m >= kLeast && g.n >= kLeast && g.k >= kLeast && wgmma_takes(g) && on_hopper();
}
#else
inline bool worth_warp_groups(const Gemm&) { return false; }
inline std::int64_t wgmma_workspace(Precision, const Gemm&) { return 0; }
#endif

template <Precision kPrecision>
void gemm_on_tensor_cores_in(const Gemm& g, [[maybe_unused]] std::byte* workspace, const Team& team) {
#if defined(__CUDACC__)
  using Wide = typename Tiles<kPrecision>::Wide;
  using Narrow = typename Tiles<kPrecision>::Narrow;
  if (worth_warp_groups(g)) {
    constexpr std::int64_t kEnoughTiles = 120;
    const std::int64_t tiles = g.batch * ceil_div(g.m, kTileRows) * ceil_div(g.n, Wide::kWide);
    if (tiles >= kEnoughTiles ? gemm_by_wgmma<kPrecision, Wide>(g, workspace, team)
                              : gemm_by_wgmma<kPrecision, Narrow>(g, workspace, team)) {
      return;
    }
  }
#endif
  gemm_by_mma_in<kPrecision>(g, team);
}

// Bytes aligned to 128.
inline std::int64_t tensor_workspace(Precision p, const Gemm& g) {
  return worth_warp_groups(g) ? wgmma_workspace(p, g) : 0;
}

inline void gemm_on_tensor_cores(Precision p, const Gemm& g, std::byte* workspace, const Team& team) {
  switch (p) {
    case Precision::tf32: return gemm_on_tensor_cores_in<Precision::tf32>(g, workspace, team);
    case Precision::bf16: return gemm_on_tensor_cores_in<Precision::bf16>(g, workspace, team);
    case Precision::bf16x3: return gemm_on_tensor_cores_in<Precision::bf16x3>(g, workspace, team);
    case Precision::bf16x6: return gemm_on_tensor_cores_in<Precision::bf16x6>(g, workspace, team);
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
