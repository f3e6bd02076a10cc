// The matrix product on tensor cores, and whether it takes less time there than by fmaf. float32 as six products of parts of
// bf16 (cuda_split.hpp), on Hopper alone, with smaller errors; where the precision allows it TF32 or bf16, on Hopper by
// cuda_wgmma_gemm.hpp, on others since sm_80 by cuda_mma_gemm.hpp.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "nautile/cuda_gemm.hpp"
#include "nautile/cuda_mma_gemm.hpp"
#include "nautile/cuda_wgmma_gemm.hpp"

namespace nautile::NTL_TARGET {
namespace {

enum class Cores : int { plain, mma, wgmma };  // no tensor cores; those of sm_80; Hopper's

struct Choice {
  Cores cores;
  int shape;          // of Tiles, for wgmma
  std::int64_t time;  // ns, on an H200
};

// Terms of all sums; fewer are not worth the large tiles of mma.
constexpr std::int64_t kFewestForMma = 8 << 20;

#if defined(__CUDACC__)

// Tiles for Hopper, and the nanoseconds that a slab takes on an H200, fitted, like the constants below, to times of products
// between 256^3 and 4096^3 and long and thin ones, from which the estimate is 4 % away on average.
template <Precision kPrecision>
struct Tiles;
template <>
struct Tiles<Precision::bf16x6> {
  using Shapes = std::tuple<TileShape<Precision::bf16x6, 64, 128, 3, 2>, TileShape<Precision::bf16x6, 128, 128, 2, 1>>;
  static constexpr std::int64_t kSlabTime[] = {1000, 1850};
};
template <>
struct Tiles<Precision::tf32> {
  using Shapes = std::tuple<TileShape<Precision::tf32, 64, 128, 8, 1>, TileShape<Precision::tf32, 128, 128, 6, 1>,
                            TileShape<Precision::tf32, 256, 128, 4, 1>>;
  static constexpr std::int64_t kSlabTime[] = {260, 320, 600};
};
template <>
struct Tiles<Precision::bf16> {
  using Shapes = std::tuple<TileShape<Precision::bf16, 64, 128, 8, 1>, TileShape<Precision::bf16, 128, 128, 6, 1>,
                            TileShape<Precision::bf16, 256, 128, 4, 1>>;
  static constexpr std::int64_t kSlabTime[] = {255, 315, 600};
};

constexpr std::int64_t kColTime = 28;            // nanoseconds, to put a column of a tile to y
constexpr std::int64_t kTensorStartTime = 4000;  // nanoseconds, of both launches
constexpr std::int64_t kSplitBytes = 3500;       // read and written in a nanosecond
constexpr std::int64_t kMostPlanes = 4LL << 30;  // bytes of the workspace

// f(i, shape) for each of the tiles, the shape as a null pointer.
template <Precision kPrecision, typename F>
void for_shapes(F&& f) {
  using Shapes = typename Tiles<kPrecision>::Shapes;
  [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    (f(static_cast<int>(kIndex), static_cast<std::tuple_element_t<kIndex, Shapes>*>(nullptr)), ...);
  }(std::make_index_sequence<std::tuple_size_v<Shapes>>{});
}

// The tile that should take the least time, if that is less than `best`.
template <Precision kPrecision>
Choice by_wgmma_or(const Choice& best, const Gemm& g) {
  const std::int64_t elements = g.batch * (g.m + g.n) * plane_row(g.k);
  const std::int64_t planes = elements * parts_of(kPrecision) * bytes_of(kPrecision);
  if (planes > kMostPlanes) return best;
  const std::int64_t read = elements * static_cast<std::int64_t>(sizeof(float));
  Choice choice = best;
  for_shapes<kPrecision>([&](int shape, auto* type) {
    using Shape = std::remove_pointer_t<decltype(type)>;
    const std::int64_t tiles = g.batch * ceil_div(g.m, kTileRows) * ceil_div(g.n, Shape::kWide);
    const std::int64_t tile =
        ceil_div(g.k, Shape::kDepth) * Tiles<kPrecision>::kSlabTime[shape] + Shape::kWide * kColTime;
    const std::int64_t time = kTensorStartTime + (read + planes) / kSplitBytes + ceil_div(tiles, kProcessors) * tile;
    if (time < choice.time) choice = {Cores::wgmma, shape, time};
  });
  return choice;
}

inline bool has_wgmma(const Gemm& g) { return wgmma_takes(g) && capability() == 9; }

#else
template <Precision kPrecision>
Choice by_wgmma_or(const Choice& best, const Gemm&) {
  return best;
}
inline bool has_wgmma(const Gemm&) { return false; }
#endif

// What should take the least time. Of extents alone, not of strides, so that a layout does not change bits.
template <Precision kPrecision>
Choice choice_for(const Gemm& g) {
  const Choice plain{Cores::plain, 0, plan_of(g, kMostShares).time};
  if (is_thin(g)) return plain;
  if (has_wgmma(g)) return by_wgmma_or<kPrecision>(plain, g);
  const bool by_mma =
      kPrecision != Precision::bf16x6 && g.batch * g.m * g.n * g.k >= kFewestForMma && capability() >= 8;
  return by_mma ? Choice{Cores::mma, 0, 0} : plain;
}

template <Precision kPrecision>
std::int64_t workspace_in(const Gemm& g) {
  const Cores cores = choice_for<kPrecision>(g).cores;
#if defined(__CUDACC__)
  if (cores == Cores::wgmma) return wgmma_workspace(kPrecision, g);
#endif
  return cores == Cores::mma ? 0 : gemm_workspace(g);
}

template <Precision kPrecision>
void gemm_in(const Gemm& g, std::byte* workspace, const Team& team) {
  const Choice choice = choice_for<kPrecision>(g);
  if constexpr (kPrecision != Precision::bf16x6) {
    if (choice.cores == Cores::mma) return gemm_by_mma_in<kPrecision>(g, team);
  }
#if defined(__CUDACC__)
  if (choice.cores == Cores::wgmma) {
    bool done = false;
    for_shapes<kPrecision>([&](int shape, auto* type) {
      using Shape = std::remove_pointer_t<decltype(type)>;
      if (shape == choice.shape) done = gemm_by_wgmma<kPrecision, Shape>(g, workspace, team);
    });
    if (!done) gemm(g, team);  // the workspace is of another size
    return;
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
