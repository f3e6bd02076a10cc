#include "nautile/topk.hpp"

#include "nautile/cuda_group.hpp"

// A warp for each short row, a block for each long one; k passes over the row, each for the largest element that is less than
// the one before.

namespace nautile::NTL_TARGET {
namespace {

// An integer in the order of the elements, and of their places where they are equal: no two are the same. All NaN are the
// largest, and -0 equals 0.
__device__ inline std::int64_t key(float x, std::int64_t place) {
  const int v = __float_as_int(x + 0.0F);
  const int ordered = x == x ? v ^ ((v >> 31) & 0x7FFFFFFF) : INT32_MAX;
  return std::int64_t{ordered} * (std::int64_t{1} << 32) + (0xFFFFFFFF - place);
}

template <int kGroup>
__global__ void __launch_bounds__(kThreads) topk_forward_by_row(TopkForward a) {
  NTL_SHARED(std::int64_t, scratch, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.cols;
    std::int64_t last = INT64_MAX;
    for (std::int64_t j = 0; j < a.k; ++j) {
      std::int64_t best = INT64_MIN;
      for (std::int64_t c = member; c < a.cols; c += kGroup) {
        const std::int64_t candidate = key(x[c], c);
        if (candidate < last && candidate > best) best = candidate;
      }
      last = join_group<kGroup>(best, Larger{}, scratch);
      if (member == 0) a.y[r * a.k + j] = 0xFFFFFFFF - (last & 0xFFFFFFFF);
    }
  });
}

}  // namespace

void topk_forward(const TopkForward& a, std::byte*, const Team& team) {
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((topk_forward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team), a);
  } else {
    NTL_LAUNCH((topk_forward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0, stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
