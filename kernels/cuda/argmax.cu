#include "nautile/argmax.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// Along rows (inner == 1): a warp for each short one, a block for each long one. Down columns: a block for 32 of them,
// which its warps go down in turns.

namespace nautile::NTL_TARGET {
namespace {

struct Best {
  float value;
  std::int64_t index;
};
__device__ inline Best nothing() { return {-INFINITY, INT64_MAX}; }  // any element comes before it

__device__ inline Best from_lane(Best v, int distance) {
  return {from_lane(v.value, distance), from_lane(v.index, distance)};
}

// NaN is the largest, and of equals the first is better.
struct Better {
  __device__ Best operator()(Best a, Best b) const {
    const bool a_nan = a.value != a.value;
    const bool b_nan = b.value != b.value;
    const bool equal = a_nan ? b_nan : a.value == b.value;
    const bool a_wins = equal ? a.index < b.index : a_nan || a.value > b.value;
    return a_wins ? a : b;
  }
};

template <int kGroup>
__global__ void __launch_bounds__(kThreads) argmax_forward_by_row(ArgmaxForward a) {
  NTL_SHARED(Best, scratch, [kWarps]);
  for_rows<kGroup>(a.outer, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.n;
    Best best = nothing();
    for (std::int64_t j = member; j < a.n; j += kGroup) best = Better{}(best, Best{x[j], j});
    best = join_group<kGroup>(best, Better{}, scratch);
    if (member == 0) a.y[r] = best.index;
  });
}

__global__ void __launch_bounds__(kThreads) argmax_forward_by_column(ArgmaxForward a) {
  NTL_SHARED(Best, scratch, [kThreads]);
  for_columns(a.outer * a.inner, [&](std::int64_t c, int first) {
    Best best = nothing();
    if (c >= 0) {
      const float* x = a.x + c / a.inner * a.n * a.inner + c % a.inner;
      for (std::int64_t j = first; j < a.n; j += kWarps) best = Better{}(best, Best{x[j * a.inner], j});
    }
    best = join_column(best, Better{}, scratch);
    if (c >= 0 && first == 0) a.y[c] = best.index;
  });
}

}  // namespace

void argmax_forward(const ArgmaxForward& a, std::byte*, const Team& team) {
  const dim3 threads(kThreads);
  if (a.inner != 1) {
    NTL_LAUNCH(argmax_forward_by_column, blocks_for_columns(a.outer * a.inner), threads, 0, stream_of(team), a);
  } else if (a.n <= kWarpCols) {
    NTL_LAUNCH((argmax_forward_by_row<kWarp>), blocks_for_rows(a.outer, true), threads, 0, stream_of(team), a);
  } else {
    NTL_LAUNCH((argmax_forward_by_row<kThreads>), blocks_for_rows(a.outer, false), threads, 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
