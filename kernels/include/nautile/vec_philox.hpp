// The words of philox.hpp, many at a time. Included after vec.hpp, and philox.hpp before target_begin.hpp.
namespace nautile::NTL_TARGET {
namespace {

typedef std::uint32_t Words __attribute__((vector_size(kLanes * sizeof(std::uint32_t))));

// The halves of the 64-bit products by lane.
inline void multiply(Words a, std::uint32_t b, Words& low, Words& high) {
#if NTL_ISA == 0
  typedef std::uint64_t Wide __attribute__((vector_size(kLanes * sizeof(std::uint64_t))));
  const Wide product = __builtin_convertvector(a, Wide) * b;
  low = __builtin_convertvector(product, Words);
  high = __builtin_convertvector(product >> 32, Words);
#else
  typedef std::uint64_t Pairs __attribute__((vector_size(kLanes * sizeof(std::uint32_t))));
  const auto product = [=](Pairs lanes) {  // of the even ones
#if NTL_ISA == 2
    // maskz: GCC 12 warns of the forms without mask
    return reinterpret_cast<Pairs>(
        _mm512_maskz_mul_epu32(0xFF, reinterpret_cast<__m512i>(lanes), _mm512_set1_epi32(static_cast<int>(b))));
#else
    return reinterpret_cast<Pairs>(
        _mm256_mul_epu32(reinterpret_cast<__m256i>(lanes), _mm256_set1_epi32(static_cast<int>(b))));
#endif
  };
  const Pairs even = product(reinterpret_cast<Pairs>(a));
  const Pairs odd = product(reinterpret_cast<Pairs>(a) >> 32);
  low = reinterpret_cast<Words>((even & 0xFFFFFFFF) | (odd << 32));
  high = reinterpret_cast<Words>((even >> 32) | (odd & ~std::uint64_t{0xFFFFFFFF}));
#endif
}

// Blocks that lane by lane have words c0, c1, c2, c3, block after block. A lane's block is the one of block_of_lane: then
// whole vectors lie together when the 4 x 4 words of each 128 bits are transposed.
constexpr std::int64_t block_of_lane(std::int64_t lane) { return lane % 4 * (kLanes / 4) + lane / 4; }
inline void store_blocks(std::uint32_t* y, Words c0, Words c1, Words c2, Words c3) {
#if NTL_ISA == 2
  const auto put = [=](std::int64_t i, __m512i v) { __builtin_memcpy(y + i * kLanes, &v, sizeof v); };
  const auto a = reinterpret_cast<__m512i>(c0);
  const auto b = reinterpret_cast<__m512i>(c1);
  const auto c = reinterpret_cast<__m512i>(c2);
  const auto d = reinterpret_cast<__m512i>(c3);
  const __m512i ab = _mm512_maskz_unpacklo_epi32(0xFFFF, a, b);
  const __m512i cd = _mm512_maskz_unpacklo_epi32(0xFFFF, c, d);
  const __m512i ab2 = _mm512_maskz_unpackhi_epi32(0xFFFF, a, b);
  const __m512i cd2 = _mm512_maskz_unpackhi_epi32(0xFFFF, c, d);
  put(0, _mm512_maskz_unpacklo_epi64(0xFF, ab, cd));
  put(1, _mm512_maskz_unpackhi_epi64(0xFF, ab, cd));
  put(2, _mm512_maskz_unpacklo_epi64(0xFF, ab2, cd2));
  put(3, _mm512_maskz_unpackhi_epi64(0xFF, ab2, cd2));
#elif NTL_ISA == 1
  const auto put = [=](std::int64_t i, __m256i v) { __builtin_memcpy(y + i * kLanes, &v, sizeof v); };
  const auto a = reinterpret_cast<__m256i>(c0);
  const auto b = reinterpret_cast<__m256i>(c1);
  const auto c = reinterpret_cast<__m256i>(c2);
  const auto d = reinterpret_cast<__m256i>(c3);
  const __m256i ab = _mm256_unpacklo_epi32(a, b);
  const __m256i cd = _mm256_unpacklo_epi32(c, d);
  const __m256i ab2 = _mm256_unpackhi_epi32(a, b);
  const __m256i cd2 = _mm256_unpackhi_epi32(c, d);
  put(0, _mm256_unpacklo_epi64(ab, cd));
  put(1, _mm256_unpackhi_epi64(ab, cd));
  put(2, _mm256_unpacklo_epi64(ab2, cd2));
  put(3, _mm256_unpackhi_epi64(ab2, cd2));
#else
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    std::uint32_t* block = y + 4 * block_of_lane(lane);
    block[0] = c0[lane];
    block[1] = c1[lane];
    block[2] = c2[lane];
    block[3] = c3[lane];
  }
#endif
}

// Elements 4 * block .. 4 * (block + kLanes) - 1; block + kLanes does not cross a multiple of 2^32.
inline void draw_blocks(std::uint64_t seed, std::uint64_t stream, std::uint64_t block, std::uint32_t* y) {
  Words c0 = Words{} + static_cast<std::uint32_t>(block);
  for (std::int64_t lane = 0; lane < kLanes; ++lane) c0[lane] += static_cast<std::uint32_t>(block_of_lane(lane));
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
  store_blocks(y, c0, c1, c2, c3);
}

// Elements first .. first + count - 1 of a stream.
inline void draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::int64_t count, std::uint32_t* y) {
  std::int64_t i = 0;
  while (i < count) {
    const std::uint64_t element = first + static_cast<std::uint64_t>(i);
    const std::uint64_t block = element / 4;
    const bool crosses = static_cast<std::uint32_t>(block) > UINT32_MAX - static_cast<std::uint32_t>(kLanes);
    if (element % 4 == 0 && count - i >= 4 * kLanes && !crosses) {
      draw_blocks(seed, stream, block, y + i);
      i += 4 * kLanes;
    } else {
      const PhiloxBlock words = philox(seed, stream, block);
      for (std::uint64_t word = element % 4; word < 4 && i < count; ++word) y[i++] = words.word[word];
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
