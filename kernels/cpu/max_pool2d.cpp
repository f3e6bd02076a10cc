#include "nautile/max_pool2d.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"
#include "nautile/vec_pictures.hpp"

namespace nautile::NTL_TARGET {
namespace {

template <bool kPlaces>
void forward(const MaxPool2dForward& a, const Team& team) {
  if (are_squares_of_four(a)) {
    return for_squares_of_four(a, team, [&](const float* x, std::int64_t line, std::int64_t o, auto channels) {
#pragma GCC unroll 4
      for (int v = 0; v < decltype(channels)::count; ++v) {
        Vec best = channels.get(x, v);
        IntVec found{};
        const auto take = [&](const float* pixel, std::int32_t place) {
          const Vec value = channels.get(pixel, v);
          found = better(value, best, splat(place), found);
          best = better(value, best, value, best);
        };
        take(x + a.c, 1);
        take(x + line, 2);
        take(x + line + a.c, 3);
        channels.put(a.y + o, v, best);
        if constexpr (kPlaces) channels.put(a.places + o, v, found);
      }
    });
  }
  for_rows(team, a.n * a.h.count, row_cost(a), [&](std::int64_t r) {
    const float* x = a.x + r / a.h.count * a.h.size * a.w.size * a.c;
    const std::int64_t oh = r % a.h.count;
    const std::int64_t kh0 = a.h.first_place(oh);
    const std::int64_t kh1 = a.h.end_place(oh);
    const bool over = has_successor(r / a.h.count, a.n, a.h.size * a.w.size * a.c);
    for (std::int64_t ow = 0; ow < a.w.count; ++ow) {
      const std::int64_t kw0 = a.w.first_place(ow);
      const std::int64_t kw1 = a.w.end_place(ow);
      for_channels(a.c, over ? (a.w.count - 1 - ow) * a.c : 0, [&](std::int64_t c, auto channels) {
        constexpr int kCount = decltype(channels)::count;
        Vec best[kCount];
        IntVec found[kCount];
        for (int v = 0; v < kCount; ++v) {
          best[v] = splat(-INFINITY);
          found[v] = splat(static_cast<std::int32_t>(kh0 * a.w.kernel + kw0));
        }
        for (std::int64_t kh = kh0; kh < kh1; ++kh) {
          const float* row = x + a.h.position(oh, kh) * a.w.size * a.c + c;
          for (std::int64_t kw = kw0; kw < kw1; ++kw) {
            const float* pixel = row + a.w.position(ow, kw) * a.c;
            const IntVec place = splat(static_cast<std::int32_t>(kh * a.w.kernel + kw));
            for (int v = 0; v < kCount; ++v) {
              const Vec value = channels.get(pixel, v);
              if constexpr (kPlaces) found[v] = better(value, best[v], place, found[v]);
              best[v] = better(value, best[v], value, best[v]);
            }
          }
        }
        const std::int64_t o = (r * a.w.count + ow) * a.c + c;
        for (int v = 0; v < kCount; ++v) {
          channels.put(a.y + o, v, best[v]);
          if constexpr (kPlaces) channels.put(a.places + o, v, found[v]);
        }
      });
    }
  });
}

}  // namespace

void max_pool2d_forward(const MaxPool2dForward& a, std::byte*, const Team& team) {
  if (a.places != nullptr) return forward<true>(a, team);
  forward<false>(a, team);
}

void max_pool2d_backward(const MaxPool2dBackward& a, std::byte*, const Team& team) {
  if (a.h.tile() && a.w.tile()) {
    struct Window {
      Vec dy;
      IntVec found;
    };
    return scatter_windows(
        a, team,
        [&](std::int64_t o, auto channels, int v) {
          Vec dy = channels.get(a.dy + o, v);
          if (a.mask != nullptr) dy = channels.get(a.mask + o, v) > 0.0F ? dy : Vec{};
          return Window{dy, channels.get(a.places + o, v)};
        },
        [](const auto& window, std::int32_t place) { return window.found == place ? window.dy : Vec{}; });
  }
  gather_windows(
      a, team, [&](std::int64_t, std::int64_t, std::int64_t place) { return splat(static_cast<std::int32_t>(place)); },
      [&](IntVec place, std::int64_t o, auto channels, int v) {
        Vec dy = channels.get(a.dy + o, v);
        if (a.mask != nullptr) dy = channels.get(a.mask + o, v) > 0.0F ? dy : Vec{};
        return channels.get(a.places + o, v) == place ? dy : Vec{};
      });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
