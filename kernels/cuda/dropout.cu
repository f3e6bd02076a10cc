#include "nautile/dropout.hpp"

#include <cmath>

#include "nautile/cuda_grid.hpp"
#include "nautile/philox.hpp"

// A thread takes four elements at a time, which are of one block of Philox or of two, or one where the memory is not aligned.

namespace nautile::NTL_TARGET {
namespace {

// f(k, factor) for elements first .. first + kCount - 1 of the stream.
template <int kCount, typename F>
__device__ void draw(const DropoutRule& rule, std::int64_t first, F&& f) {
  const auto element = static_cast<std::uint64_t>(first);
  PhiloxBlock block{};
  NTL_UNROLL
  for (int k = 0; k < kCount; ++k) {
    const std::uint64_t e = element + static_cast<std::uint64_t>(k);
    const auto word = static_cast<int>(e % 4);
    if (k == 0 || word == 0) {
      block = philox(static_cast<std::uint64_t>(rule.seed), static_cast<std::uint64_t>(rule.stream), e / 4);
    }
    // no array that is indexed at run time: it would not stay in registers
    const std::uint32_t low = word == 0 ? block.word[0] : block.word[1];
    const std::uint32_t high = word == 2 ? block.word[2] : block.word[3];
    f(k, (word < 2 ? low : high) < static_cast<std::uint64_t>(rule.keep) ? rule.scale : 0.0F);
  }
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) dropout_forward_by_element(DropoutForward a) {
  const std::int64_t position = *a.position;
  for_packs<kPack>(
      a.size, [&](std::int64_t i, auto count) { return load<count.value>(a.x + i); },
      [&](std::int64_t i, auto count, auto v) {
        draw<count.value>(a.rule, position + i, [&](int k, float factor) { v.v[k] *= factor; });
        store(a.y + i, v);
      });
}

__global__ void __launch_bounds__(1) dropout_forward_advance(DropoutForward a) {
  *a.used = *a.position;
  *a.position += a.size;
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) dropout_backward_by_element(DropoutBackward a) {
  const std::int64_t position = *a.used;
  for_packs<kPack>(
      a.size, [&](std::int64_t i, auto count) { return load<count.value>(a.dy + i); },
      [&](std::int64_t i, auto count, auto g) {
        const auto before = a.accumulate ? load<count.value>(a.dx + i) : Pack<count.value>{};
        draw<count.value>(a.rule, position + i,
                          [&](int k, float factor) { g.v[k] = fmaf(g.v[k], factor, before.v[k]); });
        store(a.dx + i, g);
      });
}

}  // namespace

void dropout_forward(const DropoutForward& a, std::byte*, const Team& team) {
  const cudaStream_t stream = stream_of(team);
  if (aligned(a.x, a.y)) {
    NTL_LAUNCH((dropout_forward_by_element<kFour>), blocks_for_turns(a.size, kFour), dim3(kThreads), 0, stream, a);
  } else {
    NTL_LAUNCH((dropout_forward_by_element<1>), blocks_for_turns(a.size, 1), dim3(kThreads), 0, stream, a);
  }
  NTL_LAUNCH(dropout_forward_advance, dim3(1), dim3(1), 0, stream, a);  // after everyone has read the position
}

void dropout_backward(const DropoutBackward& a, std::byte*, const Team& team) {
  const cudaStream_t stream = stream_of(team);
  if (aligned(a.dy, a.dx)) {
    NTL_LAUNCH((dropout_backward_by_element<kFour>), blocks_for_turns(a.size, kFour), dim3(kThreads), 0, stream, a);
  } else {
    NTL_LAUNCH((dropout_backward_by_element<1>), blocks_for_turns(a.size, 1), dim3(kThreads), 0, stream, a);
  }
}

}  // namespace nautile::NTL_TARGET
