#include "nautile/random_bits.hpp"

#include "nautile/cuda_grid.hpp"
#include "nautile/philox.hpp"

// One thread for the four elements of a block of Philox.

namespace nautile::NTL_TARGET {
namespace {

struct alignas(16) Words {
  PhiloxBlock block;
};

// `whole`: the blocks lie aligned in y, and a block that lies in y altogether is stored at once.
__global__ void __launch_bounds__(kThreads)
    random_bits_forward_by_block(RandomBitsForward a, std::int64_t first, std::int64_t blocks, bool whole) {
  for_items(blocks, [&](std::int64_t i) {
    const PhiloxBlock block = philox(static_cast<std::uint64_t>(a.seed), static_cast<std::uint64_t>(a.stream),
                                     static_cast<std::uint64_t>(first + i));
    const std::int64_t begin = 4 * (first + i) - a.offset;
    if (whole && begin >= 0 && begin + 4 <= a.size) {
      *reinterpret_cast<Words*>(a.y + begin) = Words{block};
      return;
    }
    NTL_UNROLL
    for (int word = 0; word < 4; ++word) {
      if (begin + word >= 0 && begin + word < a.size) a.y[begin + word] = block.word[word];
    }
  });
}

}  // namespace

void random_bits_forward(const RandomBitsForward& a, std::byte*, const Team& team) {
  const std::int64_t first = a.offset / 4;
  const std::int64_t blocks = a.size > 0 ? (a.offset + a.size - 1) / 4 - first + 1 : 0;
  const bool whole = aligned(a.y + (4 - a.offset % 4) % 4);
  NTL_LAUNCH(random_bits_forward_by_block, blocks_for(blocks, kThreads), dim3(kThreads), 0, stream_of(team), a, first,
             blocks, whole);
}

}  // namespace nautile::NTL_TARGET
