// The random bits of Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
// The counter rule is in native/include/nautile/op/random_bits.h; org.nautile.Philox is the same in Java.
#pragma once

#include <cstdint>

#include "nautile/kernel.hpp"

namespace nautile {

struct PhiloxBlock {
  std::uint32_t word[4];
};

// Elements 4 * block .. 4 * block + 3 of a stream.
NTL_HOST_DEVICE inline PhiloxBlock philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t block) {
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  std::uint32_t c0 = low(block);
  std::uint32_t c1 = high(block);
  std::uint32_t c2 = low(stream);
  std::uint32_t c3 = high(stream);
  std::uint32_t k0 = low(seed);
  std::uint32_t k1 = high(seed);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c2;
    c0 = high(p1) ^ c1 ^ k0;
    c1 = low(p1);
    c2 = high(p0) ^ c3 ^ k1;
    c3 = low(p0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace nautile
