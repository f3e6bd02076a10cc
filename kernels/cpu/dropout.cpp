#include "nautile/dropout.hpp"

#include "nautile/philox.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_philox.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kRun = 1024;  // words that are drawn at a time: they stay in the first-level cache

// y[i] (+)= x[i] * (0 or scale) for elements first .. first + count - 1 of the stream of random bits.
void drop(const DropoutRule& rule, std::uint64_t first, const float* x, float* y, std::int64_t count, bool accumulate,
          bool streamed) {
  const auto last = static_cast<std::uint32_t>(rule.keep - 1);  // the largest word that is kept, where any is
  const IntVec scale = bits(splat(rule.keep > 0 ? rule.scale : 0.0F));
  std::uint32_t words[kRun + kLanes] = {};
  for (std::int64_t begin = 0; begin < count; begin += kRun) {
    const std::int64_t run = count - begin < kRun ? count - begin : kRun;
    for (std::int64_t i = 0; i < run; i += 16) __builtin_prefetch(x + begin + i);  // while the words are drawn
    draw(static_cast<std::uint64_t>(rule.seed), static_cast<std::uint64_t>(rule.stream),
         first + static_cast<std::uint64_t>(begin), run, words);
    for_vectors(run, [&](std::int64_t i, std::int64_t n) {
      Words w;
      __builtin_memcpy(&w, words + i, sizeof w);
      const Vec factor = from_bits((w <= last) & scale);
      float* to = y + begin + i;
      const float* from = x + begin + i;
      if (n == kLanes) {
        const Vec v = load(from) * factor;
        if (streamed) return stream(to, v);
        store(to, accumulate ? load(to) + v : v);
      } else {
        const Vec v = load(from, n) * factor;
        store(to, accumulate ? load(to, n) + v : v, n);
      }
    });
  }
}

void drop_all(const DropoutRule& rule, std::int64_t position, const float* x, float* y, std::int64_t size,
              bool accumulate, const Team& team) {
  const bool streamed = !accumulate && x != y && streams(y, size);
  for_chunks(team, size, [&](std::int64_t begin, std::int64_t count) {
    drop(rule, static_cast<std::uint64_t>(position + begin), x + begin, y + begin, count, accumulate, streamed);
  });
  if (streamed) drain();
}

}  // namespace

void dropout_forward(const DropoutForward& a, std::byte*, const Team& team) {
  const std::int64_t position = *a.position;
  drop_all(a.rule, position, a.x, a.y, a.size, false, team);
  team.barrier();  // everyone has read the position
  if (team.rank != 0) return;
  *a.used = position;
  *a.position = position + a.size;
}

void dropout_backward(const DropoutBackward& a, std::byte*, const Team& team) {
  drop_all(a.rule, *a.used, a.dy, a.dx, a.size, a.accumulate, team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
