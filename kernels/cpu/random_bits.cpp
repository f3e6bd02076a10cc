#include "nautile/random_bits.hpp"

#include "nautile/philox.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Blocks that are computed side by side, one a lane.
constexpr std::int64_t kBlocks = kLanes;
typedef std::uint32_t Words __attribute__((vector_size(kBlocks * sizeof(std::uint32_t))));
typedef std::uint64_t Wide __attribute__((vector_size(kBlocks * sizeof(std::uint64_t))));

void multiply(Words a, std::uint32_t b, Words& low, Words& high) {
  const Wide product = __builtin_convertvector(a, Wide) * b;
  low = __builtin_convertvector(product, Words);
  high = __builtin_convertvector(product >> 32, Words);
}

// Elements 4 * block .. 4 * (block + kBlocks) - 1; block + kBlocks does not cross a multiple of 2^32.
void draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t block, std::uint32_t* y) {
  Words c0 = Words{} + static_cast<std::uint32_t>(block);
  for (std::int64_t lane = 0; lane < kBlocks; ++lane) c0[lane] += static_cast<std::uint32_t>(lane);
  Words c1 = Words{} + static_cast<std::uint32_t>(block >> 32);
  Words c2 = Words{} + static_cast<std::uint32_t>(stream);
  Words c3 = Words{} + static_cast<std::uint32_t>(stream >> 32);
  auto k0 = static_cast<std::uint32_t>(seed);
  auto k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    Words low0;
    Words high0;
    Words low1;
    Words high1;
    multiply(c0, 0xD2511F53, low0, high0);
    multiply(c2, 0xCD9E8D57, low1, high1);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  for (std::int64_t lane = 0; lane < kBlocks; ++lane) {
    y[4 * lane] = c0[lane];
    y[4 * lane + 1] = c1[lane];
    y[4 * lane + 2] = c2[lane];
    y[4 * lane + 3] = c3[lane];
  }
}

}  // namespace

void random_bits_forward(const RandomBitsForward& a, std::byte*, const Team& team) {
  const auto seed = static_cast<std::uint64_t>(a.seed);
  const auto stream = static_cast<std::uint64_t>(a.stream);
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    std::uint32_t* y = a.y + begin;
    const auto first = static_cast<std::uint64_t>(a.offset + begin);
    std::int64_t i = 0;
    while (i < count) {
      const std::uint64_t element = first + static_cast<std::uint64_t>(i);
      const std::uint64_t block = element / 4;
      const bool crosses = static_cast<std::uint32_t>(block) > UINT32_MAX - static_cast<std::uint32_t>(kBlocks);
      if (element % 4 == 0 && count - i >= 4 * kBlocks && !crosses) {
        draw(seed, stream, block, y + i);
        i += 4 * kBlocks;
      } else {
        const PhiloxBlock words = philox(seed, stream, block);
        for (std::uint64_t word = element % 4; word < 4 && i < count; ++word) y[i++] = words.word[word];
      }
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
