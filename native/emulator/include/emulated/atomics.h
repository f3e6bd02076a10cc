// CUDA's atomics, for the types that CUDA has them for.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "emulated/thread.h"

namespace emulated {

// Replaces the value by f(value), returns the old one. Bits are compared, so that NaN and -0 are values like others.
template <typename T, typename F>
T atomic_update(T* address, F f) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static_assert(sizeof(T) == sizeof(Bits));
  before_atomic();
  auto* bits = reinterpret_cast<Bits*>(address);
  Bits old = __atomic_load_n(bits, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(bits, &old, std::bit_cast<Bits>(static_cast<T>(f(std::bit_cast<T>(old)))), true,
                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return std::bit_cast<T>(old);
}

}  // namespace emulated

#define EMULATED_ATOMIC(name, type, expression)                                        \
  inline type name(type* address, type value) {                                        \
    return emulated::atomic_update(address, [value](type old) { return expression; }); \
  }
#define EMULATED_ATOMICS(type)                                     \
  EMULATED_ATOMIC(atomicAdd, type, static_cast<type>(old + value)) \
  EMULATED_ATOMIC(atomicExch, type, (static_cast<void>(old), value))
#define EMULATED_INTEGER_ATOMICS(type)                                                               \
  EMULATED_ATOMICS(type)                                                                             \
  EMULATED_ATOMIC(atomicMin, type, value < old ? value : old)                                        \
  EMULATED_ATOMIC(atomicMax, type, old < value ? value : old)                                        \
  EMULATED_ATOMIC(atomicAnd, type, old& value)                                                       \
  EMULATED_ATOMIC(atomicOr, type, old | value)                                                       \
  EMULATED_ATOMIC(atomicXor, type, old ^ value)                                                      \
  inline type atomicCAS(type* address, type compare, type value) {                                   \
    return emulated::atomic_update(address, [=](type old) { return old == compare ? value : old; }); \
  }

// Signed sums wrap, so they are computed unsigned.
inline int atomicAdd(int* address, int value) {
  return emulated::atomic_update(address, [value](int old) {
    return static_cast<int>(static_cast<unsigned>(old) + static_cast<unsigned>(value));
  });
}
inline int atomicSub(int* address, int value) {
  return emulated::atomic_update(address, [value](int old) {
    return static_cast<int>(static_cast<unsigned>(old) - static_cast<unsigned>(value));
  });
}
EMULATED_ATOMIC(atomicSub, unsigned, old - value)
EMULATED_ATOMIC(atomicExch, int, (static_cast<void>(old), value))
EMULATED_ATOMIC(atomicMin, int, value < old ? value : old)
EMULATED_ATOMIC(atomicMax, int, old < value ? value : old)
EMULATED_ATOMIC(atomicAnd, int, old& value)
EMULATED_ATOMIC(atomicOr, int, old | value)
EMULATED_ATOMIC(atomicXor, int, old ^ value)
EMULATED_ATOMIC(atomicMin, long long, value < old ? value : old)
EMULATED_ATOMIC(atomicMax, long long, old < value ? value : old)
inline int atomicCAS(int* address, int compare, int value) {
  return emulated::atomic_update(address, [=](int old) { return old == compare ? value : old; });
}
EMULATED_INTEGER_ATOMICS(unsigned)
EMULATED_INTEGER_ATOMICS(unsigned long long)
EMULATED_ATOMIC(atomicAdd, float, old + value)
EMULATED_ATOMIC(atomicAdd, double, old + value)
EMULATED_ATOMIC(atomicExch, float, (static_cast<void>(old), value))
EMULATED_ATOMIC(atomicInc, unsigned, old >= value ? 0 : old + 1)
EMULATED_ATOMIC(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)
#undef EMULATED_INTEGER_ATOMICS
#undef EMULATED_ATOMICS
#undef EMULATED_ATOMIC
