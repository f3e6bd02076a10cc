// The float32 matrix product on the tensor cores of Hopper, as six products of parts of bf16 (cuda_split.hpp,
// cuda_wgmma_gemm.hpp), and whether it takes less time there than by fmaf. Its errors are smaller.
#pragma once

#include "nautile/cuda_gemm.hpp"
#include "nautile/cuda_wgmma_gemm.hpp"

namespace nautile::NTL_TARGET {
namespace {

enum class Cores : int { plain, narrow, wide };  // no tensor cores, or tiles of so many columns

#if defined(__CUDACC__)

constexpr Precision kFloat = Precision::bf16x6;
using Narrow = TileShape<kFloat, 64, 128, 3, 2>;
using Wide = TileShape<kFloat, 128, 128, 2, 1>;

// Nanoseconds on an H200, fitted like those of cuda_gemm.hpp.
constexpr std::int64_t kNarrowSlabTime = 1110;
constexpr std::int64_t kWideSlabTime = 2040;
constexpr std::int64_t kColTime = 12;            // to put a column of a tile to y
constexpr std::int64_t kTensorStartTime = 6800;  // of both launches
constexpr std::int64_t kSplitBytes = 3500;       // read and written in a nanosecond
constexpr std::int64_t kFewestTerms = 64 << 20;  // of all sums; fewer are not worth the starts
constexpr std::int64_t kMostPlanes = 4LL << 30;  // bytes of the workspace

template <typename Shape>
std::int64_t tiles_time(const Gemm& g, std::int64_t slab_time) {
  const std::int64_t tiles = g.batch * ceil_div(g.m, kTileRows) * ceil_div(g.n, Shape::kWide);
  return ceil_div(tiles, kProcessors) * (ceil_div(g.k, Shape::kDepth) * slab_time + Shape::kWide * kColTime);
}

// Whether the current device runs the kernels of sm_90a.
inline bool on_hopper() {
  int device = 0;
  int major = 0;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  return major == 9;
}

// What should take the least time. Of extents alone, not of strides, so that a layout does not change bits.
inline Cores cores_for(const Gemm& g) {
  if (is_thin(g) || g.batch * g.m * g.n * g.k < kFewestTerms || !wgmma_takes(g) || !on_hopper()) return Cores::plain;
  const std::int64_t elements = g.batch * (g.m + g.n) * plane_row(g.k);
  const std::int64_t planes = elements * parts_of(kFloat) * bytes_of(kFloat);
  if (planes > kMostPlanes) return Cores::plain;
  const std::int64_t read = elements * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t narrow = tiles_time<Narrow>(g, kNarrowSlabTime);
  const std::int64_t wide = tiles_time<Wide>(g, kWideSlabTime);
  const std::int64_t time = kTensorStartTime + (read + planes) / kSplitBytes + (narrow < wide ? narrow : wide);
  return plan_of(g, kMostShares).time < time ? Cores::plain : narrow < wide ? Cores::narrow : Cores::wide;
}

#else
inline Cores cores_for(const Gemm&) { return Cores::plain; }
#endif

// The bytes of workspace that float_gemm needs.
inline std::int64_t float_gemm_workspace(const Gemm& g) {
#if defined(__CUDACC__)
  if (cores_for(g) != Cores::plain) return wgmma_workspace(kFloat, g);
#endif
  return gemm_workspace(g);
}

inline void float_gemm(const Gemm& g, std::byte* workspace, const Team& team) {
#if defined(__CUDACC__)
  const Cores cores = cores_for(g);
  if (cores != Cores::plain) {
    if (cores == Cores::narrow ? gemm_by_wgmma<kFloat, Narrow>(g, workspace, team)
                               : gemm_by_wgmma<kFloat, Wide>(g, workspace, team)) {
      return;
    }
    return gemm(g, team);  // the workspace is of another size
  }
#endif
  gemm(g, workspace, team);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
