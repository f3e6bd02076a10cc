#include "nautile/clip_grad_norm.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// A block for each chunk of kChunk, then one block for the chunks' sums, in their order, then an element a thread. Bound by
// memory: the gradients are read twice and, where they are too large, written once.

namespace nautile::NTL_TARGET {
namespace {

template <typename Term>
__device__ double part(int first, std::int64_t n, Term&& term) {
  double total = 0.0;
  for (std::int64_t i = first; i < n; i += kThreads) total += term(i);
  return total;
}

__global__ void __launch_bounds__(kThreads) clip_grad_norm_by_chunk(ClipGradNormStep a, double* parts) {
  NTL_SHARED(double, scratch, [kWarps]);
  for_rows<kThreads>(ceil_div(a.size, kChunk), [&](std::int64_t chunk, int member) {
    const float* x = a.gradient + chunk * kChunk;
    const std::int64_t n = a.size - chunk * kChunk < kChunk ? a.size - chunk * kChunk : kChunk;
    const auto square = [&](std::int64_t i) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); };
    const double total = join_group<kThreads>(part(member, n, square), Add{}, scratch);
    if (member == 0) parts[chunk] = total;
  });
}

__global__ void __launch_bounds__(kThreads)
    clip_grad_norm_join_chunks(ClipGradNormStep a, const double* parts, float* factor) {
  NTL_SHARED(double, scratch, [kWarps]);
  const int member = static_cast<int>(threadIdx.x);
  const auto sum = [&](std::int64_t i) { return parts[i]; };
  const double total = join_group<kThreads>(part(member, ceil_div(a.size, kChunk), sum), Add{}, scratch);
  if (member == 0) {
    const auto norm = static_cast<float>(sqrt(total));
    *a.norm = norm;
    *factor = clip_factor(a, norm);
  }
}

__global__ void __launch_bounds__(kThreads) clip_grad_norm_by_element(ClipGradNormStep a, const float* factor) {
  const float f = *factor;
  if (f >= 1.0F) return;
  for_items(a.size, [&](std::int64_t i) { a.gradient[i] *= f; });
}

}  // namespace

void clip_grad_norm_step(const ClipGradNormStep& a, std::byte* workspace, const Team& team) {
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  auto* parts = reinterpret_cast<double*>(workspace);
  auto* factor = reinterpret_cast<float*>(parts + chunks(a.size));
  NTL_LAUNCH(clip_grad_norm_by_chunk, blocks_for(chunks(a.size), 1), threads, 0, stream, a, parts);
  NTL_LAUNCH(clip_grad_norm_join_chunks, dim3(1), threads, 0, stream, a, parts, factor);
  NTL_LAUNCH(clip_grad_norm_by_element, blocks_for(a.size, kThreads), threads, 0, stream, a, factor);
}

}  // namespace nautile::NTL_TARGET
