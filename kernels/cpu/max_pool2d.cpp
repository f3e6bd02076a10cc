#include "nautile/max_pool2d.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"
#include "nautile/vec_pictures.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Whether every position belongs to one window.
bool tile(const Windows& w) {
  return w.stride == w.kernel && w.padding == 0 && w.dilation == 1 && w.size == w.count * w.kernel;
}

// Windows of 2 x 2 beside each other.
template <bool kPlaces>
void forward_of_four(const MaxPool2dForward& a, const Team& team) {
  const std::int64_t line = a.w.size * a.c;
  for_rows(team, a.n * a.h.count, row_cost(a), [&](std::int64_t r) {
    const bool over = has_successor(r / a.h.count, a.n, a.h.size * line);
    for (std::int64_t ow = 0; ow < a.w.count; ++ow) {
      const float* x = a.x + 2 * r * line + 2 * ow * a.c;
      const std::int64_t o = (r * a.w.count + ow) * a.c;
      for_channels(a.c, over ? (a.w.count - 1 - ow) * a.c : 0, [&](std::int64_t c, auto channels) {
        constexpr int kCount = decltype(channels)::count;
        for (int v = 0; v < kCount; ++v) {
          Vec best = channels.get(x + c, v);
          IntVec found{};
          const auto take = [&](const float* pixel, std::int32_t place) {
            const Vec value = channels.get(pixel + c, v);
            const IntVec better = (value > best) | (value != value);
            best = better ? value : best;
            found = better ? splat(place) : found;
          };
          take(x + a.c, 1);
          take(x + line, 2);
          take(x + line + a.c, 3);
          channels.put(a.y + o + c, v, best);
          if constexpr (kPlaces) channels.put(a.places + o + c, v, found);
        }
      });
    }
  });
}

template <bool kPlaces>
void forward(const MaxPool2dForward& a, const Team& team) {
  if (a.h.kernel == 2 && a.w.kernel == 2 && tile(a.h) && tile(a.w)) return forward_of_four<kPlaces>(a, team);
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
              const IntVec better = (value > best[v]) | (value != value);
              best[v] = better ? value : best[v];
              if constexpr (kPlaces) found[v] = better ? place : found[v];
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

// Each window writes its pixels.
void backward_tiles(const MaxPool2dBackward& a, const Team& team) {
  for_rows(team, a.n * a.h.count, a.h.kernel * a.w.size * a.c, [&](std::int64_t r) {
    // of several vectors a pixel, the last would run over the first of the next
    const bool over = !a.accumulate && a.c < kLanes && has_successor(r / a.h.count, a.n, a.h.count * a.w.count * a.c);
    const std::int64_t line = a.w.size * a.c;
    float* row = a.dx + r * a.h.kernel * line;
    for (std::int64_t ow = 0; ow < a.w.count; ++ow, row += a.w.kernel * a.c) {
      for_channels(a.c, over ? (a.w.count - 1 - ow) * a.w.kernel * a.c : 0, [&](std::int64_t c, auto channels) {
        constexpr int kCount = decltype(channels)::count;
        const std::int64_t o = (r * a.w.count + ow) * a.c + c;
        Vec dy[kCount];
        IntVec found[kCount];
        for (int v = 0; v < kCount; ++v) {
          dy[v] = channels.get(a.dy + o, v);
          if (a.mask != nullptr) dy[v] = from_bits(bits(dy[v]) & (channels.get(a.mask + o, v) > 0.0F));
          found[v] = channels.get(a.places + o, v);
        }
        std::int32_t place = 0;
        for (std::int64_t kh = 0; kh < a.h.kernel; ++kh) {
          float* dx = row + kh * line + c;
          for (std::int64_t kw = 0; kw < a.w.kernel; ++kw, ++place, dx += a.c) {
            for (int v = 0; v < kCount; ++v) {
              const Vec share = from_bits(bits(dy[v]) & (found[v] == place));
              channels.put(dx, v, (a.accumulate ? channels.get(dx, v) : Vec{}) + share);
            }
          }
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
  if (tile(a.h) && tile(a.w)) return backward_tiles(a, team);
  gather_windows(
      a, team, [&](std::int64_t, std::int64_t, std::int64_t place) { return splat(static_cast<std::int32_t>(place)); },
      [&](IntVec place, std::int64_t o, auto channels, int v) {
        IntVec found = channels.get(a.places + o, v) == place;
        if (a.mask != nullptr) found &= channels.get(a.mask + o, v) > 0.0F;
        return from_bits(bits(channels.get(a.dy + o, v)) & found);
      });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
