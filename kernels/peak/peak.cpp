#include "peak.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Independent chains of multiply-adds: latency (4 or 5 cycles, 8 without FMA) times 2 a cycle, and no more than the registers
// hold beside the two constants.
#if NTL_ISA == 2 || defined(__aarch64__)
constexpr std::int64_t kChains = 16;
#else
constexpr std::int64_t kChains = 12;
#endif

// Makes the compiler believe that the value is used, and another one afterwards.
inline void hide(Vec& v) { asm volatile("" : "+m"(v)); }

void multiply_add(std::int64_t rounds) {
  Vec chain[kChains];
  for (std::int64_t i = 0; i < kChains; ++i) chain[i] = splat(0.01F * static_cast<float>(i));
  Vec x = splat(0.99999F);  // chains tend to y / (1 - x): neither overflow nor denormals
  Vec y = splat(1e-6F);
  hide(x);  // or a chain that starts there is known to stay there, and left out
  hide(y);
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kChains; ++i) chain[i] = chain[i] * x + y;
  }
  for (std::int64_t i = 0; i < kChains; ++i) hide(chain[i]);
}

// Calls f(i) for the places of eight vectors at a time. The empty asm keeps the compiler from seeing memcpy and memset, which
// write past the caches.
template <typename F>
inline void for_units(std::int64_t begin, std::int64_t end, F&& f) {
  for (std::int64_t i = begin; i < end; i += 8 * kLanes) {
#pragma GCC unroll 8
    for (std::int64_t j = 0; j < 8; ++j) f(i + j * kLanes, j);
    asm volatile("");
  }
}

void stream(const PeakStream& s, const Team& team) {
  const std::int64_t part = s.size / team.size;
  const std::int64_t begin = team.rank * part;
  const std::int64_t end = begin + part;
  float* const a = s.a;
  const float* const b = s.b;
  const float* const c = s.c;
  Vec sum[8] = {};
  const Vec three = splat(3.0F);
  for (std::int64_t round = 0; round < s.rounds; ++round) {
    switch (s.stream) {
      case Stream::kRead: for_units(begin, end, [&](std::int64_t i, std::int64_t j) { sum[j] += load(a + i); }); break;
      case Stream::kWrite: for_units(begin, end, [&](std::int64_t i, std::int64_t) { store(a + i, three); }); break;
      case Stream::kCopy:
        for_units(begin, end, [&](std::int64_t i, std::int64_t) { store(a + i, load(b + i)); });
        break;
      case Stream::kTriad:
        for_units(begin, end, [&](std::int64_t i, std::int64_t) { store(a + i, load(b + i) + three * load(c + i)); });
        break;
    }
    asm volatile("" : : : "memory");  // the next round reads and writes again
  }
  for (Vec& v : sum) hide(v);
}

}  // namespace
}  // namespace nautile::NTL_TARGET

namespace nautile {

#define NTL_TEXT_(name) #name
#define NTL_TEXT(name) NTL_TEXT_(name)

const PeakTable NTL_CAT(peak_, NTL_TARGET) = {
    NTL_TEXT(NTL_TARGET),
    2 * NTL_TARGET::kChains* NTL_TARGET::kLanes,
    &NTL_TARGET::multiply_add,
    &NTL_TARGET::stream,
};

}  // namespace nautile

#include "nautile/target_end.hpp"
