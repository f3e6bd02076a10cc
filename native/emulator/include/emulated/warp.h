// Warp intrinsics: shuffles, votes, reductions, __syncwarp.
#pragma once

#include <cstdint>
#include <type_traits>

#include "emulated/thread.h"

// The parts of the emulator that touch other threads' data inside a kernel's file must not look like races.
#if defined(__SANITIZE_THREAD__)
#define EMULATED_UNSEEN_BY_TSAN __attribute__((no_sanitize("thread"), noinline))
#else
#define EMULATED_UNSEEN_BY_TSAN
#endif

namespace emulated {

// Sees what every lane passed (null: not in the operation), and writes every lane's result.
using Combine = void (*)(void* const lanes[32]);

// One lane's part in an operation of all lanes in `mask`: returns when all of them are there and `combine`, which may be
// null, has run. Only with `ordered` is memory that one lane wrote before visible to the others after; the thread
// sanitizer takes this at its word.
void warp_operation(unsigned mask, Place place, void* mine, Combine combine, bool ordered);

inline unsigned lane() { return current.thread->linear & 31; }

template <typename T>
struct Shuffle {
  T value;
  T result;
  unsigned source;
};

// A lane that is not in the operation gives 0xFF bytes, NaN as a float.
template <typename T>
EMULATED_UNSEEN_BY_TSAN void combine_shuffle(void* const lanes[32]) {
  for (int i = 0; i < 32; ++i) {
    if (lanes[i] == nullptr) continue;
    auto* mine = static_cast<Shuffle<T>*>(lanes[i]);
    if (lanes[mine->source] != nullptr) {
      mine->result = static_cast<Shuffle<T>*>(lanes[mine->source])->value;
    } else {
      __builtin_memset(&mine->result, 0xFF, sizeof(T));
    }
  }
}

template <typename T>
T shuffle(unsigned mask, T value, unsigned source, Place place) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8), "CUDA shuffles 32 and 64-bit numbers");
  Shuffle<T> mine{value, value, source};
  warp_operation(mask, place, &mine, &combine_shuffle<T>, false);
  return mine.result;
}

struct Ballot {
  bool predicate;
  unsigned result;
};
EMULATED_UNSEEN_BY_TSAN inline void combine_ballot(void* const lanes[32]) {
  unsigned result = 0;
  for (int i = 0; i < 32; ++i) {
    if (lanes[i] != nullptr && static_cast<Ballot*>(lanes[i])->predicate) result |= 1u << i;
  }
  for (int i = 0; i < 32; ++i) {
    if (lanes[i] != nullptr) static_cast<Ballot*>(lanes[i])->result = result;
  }
}
inline unsigned ballot(unsigned mask, bool predicate, Place place) {
  Ballot mine{predicate, 0};
  warp_operation(mask, place, &mine, &combine_ballot, false);
  return mine.result;
}

template <typename T>
struct Match {
  T value;
  unsigned result;
};
template <typename T>
EMULATED_UNSEEN_BY_TSAN void combine_match(void* const lanes[32]) {
  for (int i = 0; i < 32; ++i) {
    if (lanes[i] == nullptr) continue;
    auto* mine = static_cast<Match<T>*>(lanes[i]);
    mine->result = 0;
    for (int j = 0; j < 32; ++j) {
      if (lanes[j] != nullptr && static_cast<Match<T>*>(lanes[j])->value == mine->value) mine->result |= 1u << j;
    }
  }
}

struct Add {
  template <typename T>
  static T of(T a, T b) {
    return static_cast<T>(a + b);
  }
};
struct Min {
  template <typename T>
  static T of(T a, T b) {
    return b < a ? b : a;
  }
};
struct Max {
  template <typename T>
  static T of(T a, T b) {
    return a < b ? b : a;
  }
};
struct And {
  template <typename T>
  static T of(T a, T b) {
    return a & b;
  }
};
struct Or {
  template <typename T>
  static T of(T a, T b) {
    return a | b;
  }
};
struct Xor {
  template <typename T>
  static T of(T a, T b) {
    return a ^ b;
  }
};

template <typename Operation>
EMULATED_UNSEEN_BY_TSAN void combine_reduce(void* const lanes[32]) {
  unsigned* first = nullptr;
  for (int i = 0; i < 32; ++i) {
    auto* mine = static_cast<unsigned*>(lanes[i]);
    if (mine == nullptr) continue;
    if (first == nullptr) {
      first = mine;
    } else {
      *first = Operation::of(*first, *mine);
    }
  }
  for (int i = 0; i < 32; ++i) {
    if (lanes[i] != nullptr) *static_cast<unsigned*>(lanes[i]) = *first;
  }
}

}  // namespace emulated

inline void __syncwarp(unsigned mask = 0xffffffffu, emulated::Place place = emulated::Place::here()) {
  emulated::warp_operation(mask, place, nullptr, nullptr, true);
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, emulated::Place place = emulated::Place::here()) {
  const unsigned segment = ~static_cast<unsigned>(width - 1);
  return emulated::shuffle(mask, value, (emulated::lane() & segment) | (static_cast<unsigned>(source) & ~segment),
                           place);
}
// A lane of a later segment is out of reach, one of an earlier segment is not.
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, emulated::Place place = emulated::Place::here()) {
  const unsigned segment = ~static_cast<unsigned>(width - 1);
  const unsigned mine = emulated::lane();
  const unsigned other = (mine ^ static_cast<unsigned>(lanes)) & 31;
  return emulated::shuffle(mask, value, (other & segment) > (mine & segment) ? mine : other, place);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                 emulated::Place place = emulated::Place::here()) {
  const unsigned mine = emulated::lane();
  const unsigned in_segment = mine & static_cast<unsigned>(width - 1);
  return emulated::shuffle(mask, value, delta > in_segment ? mine : mine - delta, place);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                   emulated::Place place = emulated::Place::here()) {
  const unsigned mine = emulated::lane();
  const unsigned in_segment = mine & static_cast<unsigned>(width - 1);
  return emulated::shuffle(mask, value, in_segment + delta >= static_cast<unsigned>(width) ? mine : mine + delta,
                           place);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, emulated::Place place = emulated::Place::here()) {
  return emulated::ballot(mask, predicate != 0, place);
}
inline int __any_sync(unsigned mask, int predicate, emulated::Place place = emulated::Place::here()) {
  return emulated::ballot(mask, predicate != 0, place) != 0;
}
inline int __all_sync(unsigned mask, int predicate, emulated::Place place = emulated::Place::here()) {
  return emulated::ballot(mask, predicate == 0, place) == 0;
}
// CUDA promises no more than that the caller is in the mask. Here it is alone, so that code which hopes for more shows.
inline unsigned __activemask() { return 1u << emulated::lane(); }

template <typename T>
unsigned __match_any_sync(unsigned mask, T value, emulated::Place place = emulated::Place::here()) {
  emulated::Match<T> mine{value, 0};
  emulated::warp_operation(mask, place, &mine, &emulated::combine_match<T>, false);
  return mine.result;
}

#define EMULATED_REDUCE(name, operation)                                                                  \
  inline unsigned name(unsigned mask, unsigned value, emulated::Place place = emulated::Place::here()) {  \
    emulated::warp_operation(mask, place, &value, &emulated::combine_reduce<emulated::operation>, false); \
    return value;                                                                                         \
  }
EMULATED_REDUCE(__reduce_add_sync, Add)
EMULATED_REDUCE(__reduce_min_sync, Min)
EMULATED_REDUCE(__reduce_max_sync, Max)
EMULATED_REDUCE(__reduce_and_sync, And)
EMULATED_REDUCE(__reduce_or_sync, Or)
EMULATED_REDUCE(__reduce_xor_sync, Xor)
#undef EMULATED_REDUCE
