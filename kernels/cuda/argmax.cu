#include "nautile/argmax.hpp"

#include <cmath>

#include "nautile/cuda_rows.hpp"

// Along rows (inner == 1): a warp for each short one, a block for each long one. Down columns: a block for 32 of them,
// which its warps go down in turns.

namespace nautile::NTL_TARGET {
namespace {

struct Best {
  float value;
  std::int64_t index;
};

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

template <typename Kind>
__global__ void __launch_bounds__(kThreads) argmax_forward_by_row(ArgmaxForward a) {
  NTL_SHARED(Best, scratch, [kWarps]);
  for_rows<Kind::kGroup>(a.outer, [&](std::int64_t r, int member) {
    Rows<Kind> row({a.x + r * a.n}, a.n, member);
    Best best{-INFINITY, std::int64_t{member} * kFour};  // its first element, or one beyond the row
    row.each([&](std::int64_t c, Run(&x)[1]) {
      row.within(c, [&](int k) {  // in ascending order: only what is larger, or the first NaN, is better
        const float value = x[0].v[k];
        if (!(value <= best.value) && best.value == best.value) best = {value, c + k};
      });
    });
    best = join_group<Kind::kGroup>(best, Better{}, scratch);
    if (member == 0) a.y[r] = best.index;
  });
}

__global__ void __launch_bounds__(kThreads) argmax_forward_by_column(ArgmaxForward a) {
  NTL_SHARED(Best, scratch, [kThreads]);
  for_columns(a.outer * a.inner, [&](std::int64_t c, int first) {
    Best best{-INFINITY, INT64_MAX};  // any element comes before it
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
  if (a.inner != 1) {
    NTL_LAUNCH(argmax_forward_by_column, blocks_for_columns(a.outer * a.inner), dim3(kThreads), 0, stream_of(team), a);
    return;
  }
  NTL_LAUNCH_ROWS(argmax_forward_by_row, a.outer, a.n, aligned_rows(a.n, a.x), team, a);
}

}  // namespace nautile::NTL_TARGET
