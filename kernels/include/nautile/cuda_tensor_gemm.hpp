// The matrix product on tensor cores, and whether it takes less time there than by fmaf. float32 as six products of parts of
// bf16 (cuda_split.hpp), on Hopper alone, with smaller errors; where the precision allows it TF32 or bf16, on Hopper by
// cuda_wgmma_gemm.hpp, on others since sm_80 by cuda_mma_gemm.hpp.
#pragma once

#include "nautile/cuda_gemm.hpp"
#include "nautile/cuda_mma_gemm.hpp"
#include "nautile/cuda_wgmma_gemm.hpp"

namespace nautile::NTL_TARGET {
namespace {

enum class Cores : int {
  plain,
  mma,
  narrow,
  wide
};  // no tensor cores; those of sm_80; Hopper's, tiles of so many columns

constexpr std::int64_t kFewestForMma = 4 << 20;  // terms of all sums; fewer are not worth its large tiles

#if defined(__CUDACC__)

// Tiles for Hopper, and the nanoseconds that a slab takes on an H200. Those of bf16x6 are fitted like the times of
// cuda_gemm.hpp. The others are not: wide ones follow from the rates of large products, TF32 up to 386 TFLOP/s and bf16 up to
// 666, narrow ones are taken to reach three quarters of that.
template <Precision kPrecision>
struct Tiles;
template <>
struct Tiles<Precision::bf16x6> {
  using Narrow = TileShape<Precision::bf16x6, 64, 128, 3, 2>;
  using Wide = TileShape<Precision::bf16x6, 128, 128, 2, 1>;
  static constexpr std::int64_t kNarrowSlab = 1110;
  static constexpr std::int64_t kWideSlab = 2040;
};
template <>
struct Tiles<Precision::tf32> {
  using Narrow = TileShape<Precision::tf32, 128, 128, 6, 1>;
  using Wide = TileShape<Precision::tf32, 256, 128, 4, 1>;
  static constexpr std::int64_t kNarrowSlab = 460;
  static constexpr std::int64_t kWideSlab = 730;
};
template <>
struct Tiles<Precision::bf16> {
  using Narrow = TileShape<Precision::bf16, 128, 128, 6, 1>;
  using Wide = TileShape<Precision::bf16, 256, 128, 4, 1>;
  static constexpr std::int64_t kNarrowSlab = 620;
  static constexpr std::int64_t kWideSlab = 920;
};

constexpr std::int64_t kColTime = 12;            // nanoseconds, to put a column of a tile to y
constexpr std::int64_t kTensorStartTime = 6800;  // nanoseconds, of both launches
constexpr std::int64_t kSplitBytes = 3500;       // read and written in a nanosecond
constexpr std::int64_t kFewestTerms = 64 << 20;  // of all sums; fewer are not worth the starts
constexpr std::int64_t kMostPlanes = 4LL << 30;  // bytes of the workspace

template <typename Shape>
std::int64_t tiles_time(const Gemm& g, std::int64_t slab_time) {
  const std::int64_t tiles = g.batch * ceil_div(g.m, kTileRows) * ceil_div(g.n, Shape::kWide);
  return ceil_div(tiles, kProcessors) * (ceil_div(g.k, Shape::kDepth) * slab_time + Shape::kWide * kColTime);
}

// What should take the least time. Of extents alone, not of strides, so that a layout does not change bits.
template <Precision kPrecision>
Cores hopper_cores_for(const Gemm& g) {
  using Kernels = Tiles<kPrecision>;
  if (g.batch * g.m * g.n * g.k < kFewestTerms || !wgmma_takes(g) || capability() != 9) return Cores::plain;
  const std::int64_t elements = g.batch * (g.m + g.n) * plane_row(g.k);
  const std::int64_t planes = elements * parts_of(kPrecision) * bytes_of(kPrecision);
  if (planes > kMostPlanes) return Cores::plain;
  const std::int64_t read = elements * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t narrow = tiles_time<typename Kernels::Narrow>(g, Kernels::kNarrowSlab);
  const std::int64_t wide = tiles_time<typename Kernels::Wide>(g, Kernels::kWideSlab);
  const std::int64_t time = kTensorStartTime + (read + planes) / kSplitBytes + (narrow < wide ? narrow : wide);
  return plan_of(g, kMostShares).time < time ? Cores::plain : narrow < wide ? Cores::narrow : Cores::wide;
}

#else
template <Precision kPrecision>
Cores hopper_cores_for(const Gemm&) {
  return Cores::plain;
}
#endif

template <Precision kPrecision>
Cores cores_for(const Gemm& g) {
  if (is_thin(g)) return Cores::plain;
  const Cores cores = hopper_cores_for<kPrecision>(g);
  const bool by_mma = cores == Cores::plain && kPrecision != Precision::bf16x6 &&
                      g.batch * g.m * g.n * g.k >= kFewestForMma && capability() >= 8;
  return by_mma ? Cores::mma : cores;
}

template <Precision kPrecision>
std::int64_t workspace_in(const Gemm& g) {
  const Cores cores = cores_for<kPrecision>(g);
#if defined(__CUDACC__)
  if (cores == Cores::narrow || cores == Cores::wide) return wgmma_workspace(kPrecision, g);
#endif
  return cores == Cores::mma ? 0 : gemm_workspace(g);
}

template <Precision kPrecision>
void gemm_in(const Gemm& g, std::byte* workspace, const Team& team) {
  const Cores cores = cores_for<kPrecision>(g);
  if constexpr (kPrecision != Precision::bf16x6) {
    if (cores == Cores::mma) return gemm_by_mma_in<kPrecision>(g, team);
  }
#if defined(__CUDACC__)
  using Kernels = Tiles<kPrecision>;
  if (cores != Cores::plain) {
    if (cores == Cores::narrow ? gemm_by_wgmma<kPrecision, typename Kernels::Narrow>(g, workspace, team)
                               : gemm_by_wgmma<kPrecision, typename Kernels::Wide>(g, workspace, team)) {
      return;
    }
    return gemm(g, team);  // the workspace is of another size
  }
#endif
  gemm(g, workspace, team);
}

// f of the precision, as a constant, that the kernels take where g allows it.
template <typename F>
auto with_precision(const Gemm& g, F&& f) {
  switch (g.precision) {
    case MatmulPrecision::high: return f(std::integral_constant<Precision, Precision::tf32>{});
    case MatmulPrecision::medium: return f(std::integral_constant<Precision, Precision::bf16>{});
    default: return f(std::integral_constant<Precision, Precision::bf16x6>{});
  }
}

// The bytes of workspace that tensor_gemm needs.
inline std::int64_t tensor_gemm_workspace(const Gemm& g) {
  return with_precision(g, [&](auto precision) { return workspace_in<precision()>(g); });
}

inline void tensor_gemm(const Gemm& g, std::byte* workspace, const Team& team) {
  with_precision(g, [&](auto precision) { gemm_in<precision()>(g, workspace, team); });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
