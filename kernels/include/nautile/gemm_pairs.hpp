// Matrices as panels of pairs of bf16, for gemm.hpp: two terms of a sum in a word, which AVX-512's bf16 instructions multiply and add
// as fast as one of float32. Included after gemm_panels.hpp.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kFewestInPairs =
    32;  // rows, columns and terms: for fewer, to convert takes longer than it saves

// Whether a and b are rounded to bf16. Of what lies in g alone, not of the team.
inline bool takes_pairs([[maybe_unused]] const Gemm& g) {
#if NTL_ISA == 2
  return g.precision == MatmulPrecision::medium && least(g.m, least(g.n, g.k)) >= kFewestInPairs &&
         __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

#if NTL_ISA == 2
// The words of two vectors: lane i is low[i] in its low half and high[i] in its high one.
inline Vec pairs_of(Vec low, Vec high) {
  alignas(64) static constexpr std::uint16_t kPlaces[2 * kLanes] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                                                    21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                                                    11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i halves = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
  return reinterpret_cast<Vec>(_mm512_permutexvar_epi16(_mm512_load_si512(kPlaces), halves));
}

// The words of 2 kLanes terms of one row or column.
inline Vec pairs_along(Vec first, Vec second) { return reinterpret_cast<Vec>(_mm512_cvtne2ps_pbh(second, first)); }

// A word in all lanes; it is no float, and arithmetic could change its bits.
inline Vec splat_pair(const float* word) {
  std::int32_t both;
  __builtin_memcpy(&both, word, sizeof both);
  return from_bits(splat(both));
}

// sum[i] + x[i] y[i] for both halves of the words.
inline Vec add_products(Vec sum, Vec x, Vec y) {
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(x), reinterpret_cast<__m512bh>(y));
}

// Panels q of words: out[q * step + w * kWidth + i] is the pair of x[(q * kWidth + i) * across + p * along], p = 2 w and 2 w + 1;
// a last one alone is beside a zero. Of count and of a row's end as in pack.

// Rows of panels lie in memory as they are wanted.
template <std::int64_t kWidth>
void pack_pair_rows(const float* x, std::int64_t along, std::int64_t count, std::int64_t terms, float* out,
                    std::int64_t step) {
  for (std::int64_t p = 0; p < terms; p += 2) {
    const bool both = p + 1 < terms;
    const float* low = x + p * along;
    const float* high = both ? low + along : low;
    float* to = out + p / 2 * kWidth;
    for (std::int64_t left = count; left > 0; left -= kWidth) {
#pragma GCC unroll 2
      for (std::int64_t i = 0; i < kWidth; i += kLanes) {
        if (i >= left) break;
        const std::int64_t n = least(left - i, kLanes);
        const Vec second = n == kLanes ? load(high + i) : load(high + i, n);
        store(to + i, pairs_of(n == kLanes ? load(low + i) : load(low + i, n), both ? second : Vec{}));
      }
      low += kWidth;
      high += kWidth;
      to += step;
    }
  }
}

// Columns of panels lie in memory: squares of words are turned in registers.
template <std::int64_t kWidth>
void pack_pair_columns(const float* x, std::int64_t across, std::int64_t count, std::int64_t terms, float* out,
                       std::int64_t step) {
  for (std::int64_t q = 0; q * kWidth < count; ++q) {
    for (std::int64_t i = 0; i < least(kWidth, count - q * kWidth); i += kLanes) {
      const std::int64_t last = least(least(i + kLanes, kWidth), count - q * kWidth) - 1;
      float* to = out + q * step + i;
      for (std::int64_t p = 0; p < terms; p += 2 * kLanes) {
        const std::int64_t left = terms - p;
        Vec v[kLanes];
#pragma GCC unroll 16
        for (std::int64_t lane = 0; lane < kLanes; ++lane) {
          const float* from = x + (q * kWidth + least(i + lane, last)) * across + p;
          v[lane] = left >= 2 * kLanes ? pairs_along(load(from), load(from + kLanes))
                                       : pairs_along(load(from, least(left, kLanes)),
                                                     left > kLanes ? load(from + kLanes, left - kLanes) : Vec{});
        }
        transpose(v);
        if (left >= 2 * kLanes) {
#pragma GCC unroll 16
          for (std::int64_t r = 0; r < kLanes; ++r) store(to + (p / 2 + r) * kWidth, v[r]);
        } else {
          for (std::int64_t r = 0; r < ceil_div(left, 2); ++r) store(to + (p / 2 + r) * kWidth, v[r]);
        }
      }
    }
  }
}

template <std::int64_t kWidth>
void pack_pairs(const float* x, std::int64_t across, std::int64_t along, std::int64_t count, std::int64_t terms,
                float* out, std::int64_t step) {
  if (across == 1) return pack_pair_rows<kWidth>(x, along, count, terms, out, step);
  if (along == 1) return pack_pair_columns<kWidth>(x, across, count, terms, out, step);
  for (std::int64_t i = 0; i < count; ++i) {
    float* to = out + i / kWidth * step + i % kWidth;
    for (std::int64_t p = 0; p < terms; p += 2) {
      const float* from = x + i * across + p * along;
      const Vec pair = pairs_of(splat(*from), splat(p + 1 < terms ? from[along] : 0.0F));
      __builtin_memcpy(to + p / 2 * kWidth, &pair, sizeof(float));
    }
  }
}
#else
// For code that is never run.
inline Vec splat_pair(const float*) { return Vec{}; }
inline Vec add_products(Vec sum, Vec, Vec) { return sum; }
#endif

}  // namespace
}  // namespace nautile::NTL_TARGET
