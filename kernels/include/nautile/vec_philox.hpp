// The words of philox.hpp, many at a time. Included after vec.hpp, and philox.hpp before target_begin.hpp.
namespace nautile::NTL_TARGET {
namespace {

typedef std::uint32_t Words __attribute__((vector_size(kLanes * sizeof(std::uint32_t))));
typedef std::uint64_t Pairs __attribute__((vector_size(kLanes * sizeof(std::uint32_t))));

// The products of the low halves by lane.
inline Pairs multiply(Pairs a, std::uint32_t b) {
#if NTL_ISA == 2
  // maskz: GCC 12 warns of the forms without mask
  return reinterpret_cast<Pairs>(
      _mm512_maskz_mul_epu32(0xFF, reinterpret_cast<__m512i>(a), _mm512_set1_epi32(static_cast<int>(b))));
#elif NTL_ISA == 1
  return reinterpret_cast<Pairs>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), _mm256_set1_epi32(static_cast<int>(b))));
#else
  return (a & 0xFFFFFFFF) * b;
#endif
}

constexpr std::int64_t kBlocks = kLanes / 2;  // of a vector: a lane each

// The keys of the rounds.
struct Keys {
  Pairs of[10][2];

  explicit Keys(std::uint64_t seed) {
    auto k0 = static_cast<std::uint32_t>(seed);
    auto k1 = static_cast<std::uint32_t>(seed >> 32);
    for (auto& round : of) {
      round[0] = Pairs{} + k0;
      round[1] = Pairs{} + k1;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
  }
};

// Elements 4 * block .. 4 * (block + 2 * kBlocks) - 1. The words of a block are the low halves of a lane: what a product has
// left in the high halves does not matter to the next.
inline void draw_blocks(const Keys& keys, std::uint64_t stream, std::uint64_t block, std::uint32_t* y) {
  Pairs number{};  // of the blocks
  Pairs even{};    // where the two shuffles below find a half of the blocks
  Pairs odd{};
  for (std::uint64_t lane = 0; lane < kBlocks; ++lane) {
    number[lane] = block + lane % 2 * kBlocks / 2 + lane / 2;  // so that they leave them in order
    even[lane] = lane % 2 == 0 ? lane : lane - 1 + kBlocks;
    odd[lane] = even[lane] + 1;
  }
  const Pairs low = Pairs{} + stream;
  const Pairs high = low >> 32;
  Pairs c0[2] = {number, number + kBlocks};
  Pairs c1[2] = {c0[0] >> 32, c0[1] >> 32};
  Pairs c2[2] = {low, low};
  Pairs c3[2] = {high, high};
#pragma GCC unroll 10
  for (const auto& key : keys.of) {
#pragma GCC unroll 2
    for (int part = 0; part < 2; ++part) {
      const Pairs p0 = multiply(c0[part], 0xD2511F53);
      const Pairs p1 = multiply(c2[part], 0xCD9E8D57);
      c0[part] = p1 >> 32 ^ c1[part] ^ key[0];
      c1[part] = p1;
      c2[part] = p0 >> 32 ^ c3[part] ^ key[1];
      c3[part] = p0;
    }
  }
  for (int part = 0; part < 2; ++part) {
    const Pairs first = (c0[part] & 0xFFFFFFFF) | c1[part] << 32;
    const Pairs last = (c2[part] & 0xFFFFFFFF) | c3[part] << 32;
    const auto put = [&](std::int64_t i, Pairs v) { __builtin_memcpy(y + (2 * part + i) * kLanes, &v, sizeof v); };
    put(0, __builtin_shuffle(first, last, even));
    put(1, __builtin_shuffle(first, last, odd));
  }
}

// Elements first .. first + count - 1 of a stream.
inline void draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::int64_t count, std::uint32_t* y) {
  const Keys keys(seed);
  std::int64_t i = 0;
  while (i < count) {
    const std::uint64_t element = first + static_cast<std::uint64_t>(i);
    const std::uint64_t block = element / 4;
    if (element % 4 == 0 && count - i >= 4 * kLanes) {
      draw_blocks(keys, stream, block, y + i);
      i += 4 * kLanes;
    } else {
      const PhiloxBlock words = philox(seed, stream, block);
      for (std::uint64_t word = element % 4; word < 4 && i < count; ++word) y[i++] = words.word[word];
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
