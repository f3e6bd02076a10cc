// The float vector of NTL_TARGET: 16 lanes for cpu_avx512, 8 for cpu_avx2, 4 for cpu_baseline. Included after
// target_begin.hpp. GCC's vector extensions give arithmetic, comparisons and ?: by lane.
// No include guard on purpose: one translation unit has one target.
#if NTL_ISA != 0
// Only declarations and builtins: nothing of it can be the linker's copy for other targets.
#include <immintrin.h>
#endif

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kLanes = NTL_ISA == 2 ? 16 : NTL_ISA == 1 ? 8 : 4;
typedef float Vec __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::int32_t IntVec __attribute__((vector_size(kLanes * sizeof(float))));

inline Vec splat(float x) { return x - Vec{}; }  // x - 0 keeps -0, x + 0 would not
inline IntVec splat(std::int32_t x) { return x + IntVec{}; }

inline Vec load(const float* p) {  // any alignment
  Vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
inline void store(float* p, Vec v) { __builtin_memcpy(p, &v, sizeof v); }

#if NTL_ISA == 1
// The first n lanes, as vmaskmov wants them.
inline __m256i lanes(std::int64_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

// Past the caches, to an address that is a multiple of the vector's size. Such stores need not come in order: drain() lets
// those that follow wait for them.
inline void stream(float* p, Vec v) {
#if NTL_ISA == 2
  _mm512_stream_ps(p, v);
#elif NTL_ISA == 1
  _mm256_stream_ps(p, v);
#else
  store(p, v);
#endif
}
inline void drain() {
#if NTL_ISA != 0
  _mm_sfence();
#endif
}

// Results of so many elements are streamed: in the caches they would push out what is there, and be gone themselves before
// anyone reads them. 32 MiB, a third-level cache. `aligned`: the floats whose multiple the address must be.
constexpr std::int64_t kStreamed = std::int64_t{1} << 23;
inline bool streams(const float* p, std::int64_t size, std::int64_t aligned = kLanes) {
  const auto bytes = static_cast<std::uintptr_t>(aligned) * sizeof(float);
  return size >= kStreamed && reinterpret_cast<std::uintptr_t>(p) % bytes == 0;
}

// The first n <= kLanes elements, 0 in the other lanes; memory beyond is not touched.
inline Vec load(const float* p, std::int64_t n) {
#if NTL_ISA == 2
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << n) - 1U), p);
#elif NTL_ISA == 1
  return _mm256_maskload_ps(p, lanes(n));
#else
  Vec v{};
  __builtin_memcpy(&v, p, static_cast<std::size_t>(n) * sizeof(float));
  return v;
#endif
}
inline void store(float* p, Vec v, std::int64_t n) {
#if NTL_ISA == 2
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1U << n) - 1U), v);
#elif NTL_ISA == 1
  // in pieces: a masked store takes a dozen cycles on AMD's processors (A. Fog, instruction tables, VMASKMOVPS)
  if (n == kLanes) return store(p, v);
  auto part = _mm256_castps256_ps128(v);
  if ((n & 4) != 0) {
    _mm_storeu_ps(p, part);
    part = _mm256_extractf128_ps(v, 1);
    p += 4;
  }
  if ((n & 2) != 0) {
    _mm_storel_pi(reinterpret_cast<__m64*>(p), part);
    part = _mm_movehl_ps(part, part);
    p += 2;
  }
  if ((n & 1) != 0) _mm_store_ss(p, part);
#else
  __builtin_memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(float));
#endif
}

// The larger and the smaller by lane; NaN if either is.
inline Vec larger(Vec a, Vec b) { return a > b ? a : (b == b ? (a == a ? b : a) : b); }
inline Vec smaller(Vec a, Vec b) { return a < b ? a : (b == b ? (a == a ? b : a) : b); }
inline float larger(float a, float b) { return a > b || a != a ? a : b; }
inline float smaller(float a, float b) { return a < b || a != a ? a : b; }

// x, but at most or at least the bound; NaN stays.
inline Vec at_most(Vec x, float bound) {
#if NTL_ISA == 2
  return _mm512_maskz_min_ps(0xFFFF, splat(bound), x);
#elif NTL_ISA == 1
  return _mm256_min_ps(splat(bound), x);
#else
  return x > bound ? splat(bound) : x;
#endif
}
inline Vec at_least(Vec x, float bound) {
#if NTL_ISA == 2
  return _mm512_maskz_max_ps(0xFFFF, splat(bound), x);
#elif NTL_ISA == 1
  return _mm256_max_ps(splat(bound), x);
#else
  return x < bound ? splat(bound) : x;
#endif
}

inline IntVec bits(Vec v) { return reinterpret_cast<IntVec>(v); }
inline Vec from_bits(IntVec v) { return reinterpret_cast<Vec>(v); }
inline Vec magnitude(Vec v) { return from_bits(bits(v) & 0x7FFFFFFF); }
inline Vec with_sign(Vec v, Vec sign) { return from_bits((bits(v) & 0x7FFFFFFF) | (bits(sign) & INT32_MIN)); }

// Whether a comparison holds in any lane.
inline bool any(IntVec mask) {
#if NTL_ISA == 2
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(mask)) != 0;
#elif NTL_ISA == 1
  return _mm256_movemask_ps(reinterpret_cast<__m256>(mask)) != 0;
#else
  return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
#endif
}

// The lanes moved by some places, around the end. Places are template arguments, since GCC 12 takes a vector that a loop fills
// for one to be computed each time.
template <std::int32_t kPlaces, std::int32_t... kLane>
inline Vec rotated(Vec v, std::integer_sequence<std::int32_t, kLane...>) {
  return __builtin_shuffle(v, IntVec{(kLane + kPlaces) % static_cast<std::int32_t>(kLanes)...});
}

// The lanes joined by halves: the order is fixed.
template <std::int32_t kHalf = kLanes / 2, typename Join>
inline float joined(Vec v, Join&& join) {
  v = join(v, rotated<kHalf>(v, std::make_integer_sequence<std::int32_t, kLanes>()));
  if constexpr (kHalf > 1) {
    return joined<kHalf / 2>(v, join);
  } else {
    return v[0];
  }
}
inline float sum(Vec v) {
  return joined(v, [=](Vec a, Vec b) { return a + b; });
}
inline float largest(Vec v) {
  return joined(v, [=](Vec a, Vec b) { return larger(a, b); });
}

// Calls f(i, n) for the vectors of [0, size): n == kLanes for all but the last.
template <typename F>
inline void for_vectors(std::int64_t size, F&& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) f(i, kLanes);
  if (i < size) f(i, size - i);
}

// Lambdas that take vectors are written with a capture ([=]): one without could be converted to a plain function, and GCC
// compiles that conversion without the target's instruction set.

// y[i] = f(x[i]) over a run; the tail goes through the same vector code, so an element's result does not depend on its
// place.
template <typename F>
inline void map(const float* x, float* y, std::int64_t size, F&& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) store(y + i, f(load(x + i)));
  if (i < size) store(y + i, f(load(x + i, size - i)), size - i);
}

inline Vec relu(Vec x) { return x <= 0.0F ? Vec{} : x; }  // NaN stays

// y[i] is multiplied by the scaled derivative of a ReLU whose result is mask[i].
inline void mask_run(const float* mask, float scale, float* y, std::int64_t size) {
  std::int64_t i = 0;
  const auto derivative = [=](Vec v) { return v > 0.0F ? splat(scale) : Vec{}; };
  for (; i + kLanes <= size; i += kLanes) store(y + i, load(y + i) * derivative(load(mask + i)));
  if (i < size) store(y + i, load(y + i, size - i) * derivative(load(mask + i, size - i)), size - i);
}

// The tasks of one member: an even share, one after the other, so that what it writes is in its caches when the next kernel reads
// it.
struct Share {
  std::int64_t begin;
  std::int64_t end;
};
inline Share share_of(const Team& team, std::int64_t tasks) {
  return {ceil_div(tasks * team.rank, team.size), ceil_div(tasks * (team.rank + 1), team.size)};
}
template <typename F>
inline void for_tasks(const Team& team, std::int64_t tasks, F&& f) {
  const Share share = share_of(team, tasks);
  for (std::int64_t task = share.begin; task < share.end; ++task) f(task);
}

// The chunks of an elementwise kernel: f(begin, count).
template <typename F>
inline void for_chunks(const Team& team, std::int64_t size, F&& f) {
  for_tasks(team, chunks(size), [&](std::int64_t task) {
    const std::int64_t begin = task * kChunk;
    f(begin, size - begin < kChunk ? size - begin : kChunk);
  });
}

// Where an elementwise kernel is: the lanes of an operand at element i.
struct Here {
  std::int64_t i;
  Vec operator()(const float* p) const { return load(p + i); }
};
struct HereOfMany {  // those that come later are asked for: the processor itself stops doing so at the end of each page
  std::int64_t i;
  Vec operator()(const float* p) const {
    __builtin_prefetch(p + i + 256);
    return load(p + i);
  }
};
struct HereAtEnd {
  std::int64_t i;
  std::int64_t n;
  Vec operator()(const float* p) const { return load(p + i, n); }
};

// y[i] = f(here), or y[i] += f(here), for all elements. f takes its operands as here(x); in_place: one of them is y.
template <typename F>
inline void for_elements(const Team& team, std::int64_t size, float* y, bool accumulate, bool in_place, F&& f) {
  const bool streamed = !accumulate && !in_place && streams(y, size);
  for_chunks(team, size, [&](std::int64_t begin, std::int64_t count) {
    const std::int64_t end = begin + count;
    std::int64_t i = begin;
    if (streamed) {
      for (; i + kLanes <= end; i += kLanes) stream(y + i, f(HereOfMany{i}));
    } else if (accumulate) {
      for (; i + kLanes <= end; i += kLanes) store(y + i, load(y + i) + f(Here{i}));
    } else {
      for (; i + kLanes <= end; i += kLanes) store(y + i, f(Here{i}));
    }
    if (i == end) return;
    const Vec last = f(HereAtEnd{i, end - i});
    store(y + i, accumulate ? load(y + i, end - i) + last : last, end - i);
  });
  if (streamed) drain();
}

}  // namespace
}  // namespace nautile::NTL_TARGET
