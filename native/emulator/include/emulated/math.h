// Device functions of CUDA that the C library does not have. Those it has (expf, fmaf, ...) come from it.
#pragma once

#include <math.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <type_traits>

using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;

// min and max of any two numbers, in the common type; of two floats the one that is no NaN.
template <typename A, typename B>
  requires(std::is_arithmetic_v<A> && std::is_arithmetic_v<B>)
constexpr std::common_type_t<A, B> min(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmin(static_cast<T>(a), static_cast<T>(b));
  } else {
    return static_cast<T>(b) < static_cast<T>(a) ? static_cast<T>(b) : static_cast<T>(a);
  }
}
template <typename A, typename B>
  requires(std::is_arithmetic_v<A> && std::is_arithmetic_v<B>)
constexpr std::common_type_t<A, B> max(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmax(static_cast<T>(a), static_cast<T>(b));
  } else {
    return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(b) : static_cast<T>(a);
  }
}

namespace emulated {
// A result that the compiler does not contract into a fused multiply-add.
template <typename T>
inline T rounded(T value) {
#if defined(__x86_64__)
  asm("" : "+x"(value));
#elif defined(__aarch64__)
  asm("" : "+w"(value));
#endif
  return value;
}

// A float as an integer, as the hardware converts: NaN is 0, what is too big is the nearest that fits.
template <typename To, typename From>
inline To saturated(From value) {
  if (std::isnan(value)) return 0;
  // The type's largest value rounds up to a power of two as a float: from there on, it is too big.
  constexpr From top = static_cast<From>(std::uint64_t{1} << (8 * sizeof(To) - (std::is_signed_v<To> ? 1 : 0) - 1)) * 2;
  constexpr From bottom = std::is_signed_v<To> ? -top : From{0};
  if (value >= top)
    return static_cast<To>(std::is_signed_v<To> ? (std::make_unsigned_t<To>(~std::make_unsigned_t<To>{0}) >> 1)
                                                : std::make_unsigned_t<To>(~std::make_unsigned_t<To>{0}));
  if (value <= bottom)
    return static_cast<To>(std::is_signed_v<To> ? std::make_unsigned_t<To>(1) << (8 * sizeof(To) - 1) : 0);
  return static_cast<To>(value);
}
}  // namespace emulated

// clang-format off
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float rcbrtf(float x) { return 1.0f / std::cbrt(x); }
inline float sinpif(float x) { return static_cast<float>(std::sin(3.141592653589793 * std::fmod(static_cast<double>(x), 2.0))); }
inline float cospif(float x) { return static_cast<float>(std::cos(3.141592653589793 * std::fmod(static_cast<double>(x), 2.0))); }
inline void sincospif(float x, float* s, float* c) { *s = sinpif(x); *c = cospif(x); }
inline float normcdff(float x) { return 0.5f * std::erfc(-x * 0.70710678f); }

inline float __expf(float x) { return std::exp(x); }
inline float __exp10f(float x) { return std::pow(10.0f, x); }
inline float __logf(float x) { return std::log(x); }
inline float __log2f(float x) { return std::log2(x); }
inline float __log10f(float x) { return std::log10(x); }
inline float __powf(float x, float y) { return std::pow(x, y); }
inline float __sinf(float x) { return std::sin(x); }
inline float __cosf(float x) { return std::cos(x); }
inline float __tanf(float x) { return std::tan(x); }
inline void __sincosf(float x, float* s, float* c) { *s = std::sin(x); *c = std::cos(x); }
inline float __saturatef(float x) { return x >= 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __frsqrt_rn(float x) { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(x))); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fadd_rn(float a, float b) { return emulated::rounded(a + b); }
inline float __fsub_rn(float a, float b) { return emulated::rounded(a - b); }
inline float __fmul_rn(float a, float b) { return emulated::rounded(a * b); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline double __dadd_rn(double a, double b) { return emulated::rounded(a + b); }
inline double __dsub_rn(double a, double b) { return emulated::rounded(a - b); }
inline double __dmul_rn(double a, double b) { return emulated::rounded(a * b); }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double x) { return std::sqrt(x); }

inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }

inline int __float2int_rn(float x) { return emulated::saturated<int>(std::nearbyint(x)); }
inline int __float2int_rz(float x) { return emulated::saturated<int>(std::trunc(x)); }
inline int __float2int_rd(float x) { return emulated::saturated<int>(std::floor(x)); }
inline int __float2int_ru(float x) { return emulated::saturated<int>(std::ceil(x)); }
inline unsigned __float2uint_rn(float x) { return emulated::saturated<unsigned>(std::nearbyint(x)); }
inline unsigned __float2uint_rz(float x) { return emulated::saturated<unsigned>(std::trunc(x)); }
inline long long __float2ll_rn(float x) { return emulated::saturated<long long>(std::nearbyint(x)); }
inline long long __float2ll_rz(float x) { return emulated::saturated<long long>(std::trunc(x)); }
inline int __double2int_rz(double x) { return emulated::saturated<int>(std::trunc(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
inline float __ll2float_rn(long long x) { return static_cast<float>(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }

inline int __popc(unsigned x) { return std::popcount(x); }
inline int __popcll(unsigned long long x) { return std::popcount(x); }
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __clzll(long long x) { return std::countl_zero(static_cast<unsigned long long>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; ++i) r |= (x >> i & 1u) << (31 - i);
  return r;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((std::uint64_t{a} * b) >> 32); }
inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<std::int64_t>(a) * b) >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<unsigned long long>((static_cast<Wide>(a) * b) >> 64);
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const std::uint64_t bytes = std::uint64_t{y} << 32 | x;
  unsigned r = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned s = selector >> (4 * i);
    const unsigned byte = static_cast<unsigned>(bytes >> (8 * (s & 7))) & 0xFF;
    r |= ((s & 8) == 0 ? byte : (byte & 0x80) != 0 ? 0xFFu : 0u) << (8 * i);
  }
  return r;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) >> (shift & 31));
}
// clang-format on

// Loads and stores with a cache hint.
#define EMULATED_LOAD(name)  \
  template <typename T>      \
  T name(const T* address) { \
    return *address;         \
  }
EMULATED_LOAD(__ldg)
EMULATED_LOAD(__ldca)
EMULATED_LOAD(__ldcg)
EMULATED_LOAD(__ldcs)
EMULATED_LOAD(__ldlu)
EMULATED_LOAD(__ldcv)
#undef EMULATED_LOAD
#define EMULATED_STORE(name)       \
  template <typename T>            \
  void name(T* address, T value) { \
    *address = value;              \
  }
EMULATED_STORE(__stwb)
EMULATED_STORE(__stcg)
EMULATED_STORE(__stcs)
EMULATED_STORE(__stwt)
#undef EMULATED_STORE
