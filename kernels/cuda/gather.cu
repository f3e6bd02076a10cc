#include "nautile/gather.hpp"

#include <cmath>

#include "nautile/cuda_grid.hpp"

// Forward: one thread for an element. Backward: dx is cleared, then one thread for a line adds its elements in their order.

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(kThreads) gather_forward_by_element(GatherForward a, Fault* fault) {
  for_items(a.outer * a.m * a.inner, [&](std::int64_t e) {
    const std::int64_t o = e / (a.m * a.inner);
    const std::int64_t k = a.index[e];
    float v = NAN;
    if (k >= 0 && k < a.n) {
      v = a.x[(o * a.n + k) * a.inner + e % a.inner];
    } else {
      report(fault, e, k);
    }
    a.y[e] = v;
  });
}

__global__ void __launch_bounds__(kThreads) gather_backward_clear(GatherBackward a) {
  for_items(a.outer * a.n * a.inner, [&](std::int64_t e) { a.dx[e] = 0.0F; });
}

__global__ void __launch_bounds__(kThreads) gather_backward_by_line(GatherBackward a) {
  for_items(a.outer * a.inner, [&](std::int64_t line) {
    const std::int64_t o = line / a.inner;
    const std::int64_t i = line % a.inner;
    for (std::int64_t j = 0; j < a.m; ++j) {
      const std::int64_t e = (o * a.m + j) * a.inner + i;
      const std::int64_t k = a.index[e];
      if (k >= 0 && k < a.n) a.dx[(o * a.n + k) * a.inner + i] += a.dy[e];
    }
  });
}

}  // namespace

void gather_forward(const GatherForward& a, std::byte*, const Team& team) {
  team.fault->input = "gather: index";
  team.fault->bound = a.n;
  NTL_LAUNCH(gather_forward_by_element, blocks_for(a.outer * a.m * a.inner, kThreads), dim3(kThreads), 0,
             stream_of(team), a, team.fault);
}

void gather_backward(const GatherBackward& a, std::byte*, const Team& team) {
  const dim3 threads(kThreads);
  if (!a.accumulate) {
    NTL_LAUNCH(gather_backward_clear, blocks_for(a.outer * a.n * a.inner, kThreads), threads, 0, stream_of(team), a);
  }
  NTL_LAUNCH(gather_backward_by_line, blocks_for(a.outer * a.inner, kThreads), threads, 0, stream_of(team), a);
}

}  // namespace nautile::NTL_TARGET
