#include "nautile/avg_pool2d.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_double.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"
#include "nautile/vec_pictures.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Places of a window that are added up in float32 before they go into a sum in double.
constexpr std::int64_t kRun = 16;

// The lanes of a vector as double.
struct Sum {
  DoubleVec half[2] = {};

  void add(Vec v) {
    HalfVec part[2];
    __builtin_memcpy(part, &v, sizeof v);
    half[0] += __builtin_convertvector(part[0], DoubleVec);
    half[1] += __builtin_convertvector(part[1], DoubleVec);
  }
  Vec rounded() const {
    const HalfVec part[2] = {__builtin_convertvector(half[0], HalfVec), __builtin_convertvector(half[1], HalfVec)};
    Vec v;
    __builtin_memcpy(&v, part, sizeof v);
    return v;
  }
};

// f(pixel) for the places of a window.
template <typename F>
void for_places(const AvgPool2dForward& a, const float* x, std::int64_t oh, std::int64_t ow, F&& f) {
  const std::int64_t kw0 = a.w.first_place(ow);
  const std::int64_t kw1 = a.w.end_place(ow);
  const std::int64_t kh1 = a.h.end_place(oh);
  for (std::int64_t kh = a.h.first_place(oh); kh < kh1; ++kh) {
    const float* row = x + a.h.position(oh, kh) * a.w.size * a.c;
    for (std::int64_t kw = kw0; kw < kw1; ++kw) f(row + a.w.position(ow, kw) * a.c);
  }
}

// kFew: windows are of kRun places at most.
template <bool kFew>
void forward(const AvgPool2dForward& a, const Team& team) {
  for_rows(team, a.n * a.h.count, row_cost(a), [&](std::int64_t r) {
    const float* x = a.x + r / a.h.count * a.h.size * a.w.size * a.c;
    const std::int64_t oh = r % a.h.count;
    const bool over = has_successor(r / a.h.count, a.n, a.h.size * a.w.size * a.c);
    for (std::int64_t ow = 0; ow < a.w.count; ++ow) {
      const auto divisor = static_cast<float>(a.divisor.of(a.h, oh, a.w, ow));
      for_channels(a.c, over ? (a.w.count - 1 - ow) * a.c : 0, [&](std::int64_t c, auto channels) {
        constexpr int kCount = decltype(channels)::count;
        Vec part[kCount] = {};
        const auto add = [&](const float* pixel) {
#pragma GCC unroll 4
          for (int v = 0; v < kCount; ++v) part[v] += channels.get(pixel, v);
        };
        float* y = a.y + (r * a.w.count + ow) * a.c + c;
        if constexpr (kFew) {
          for_places(a, x + c, oh, ow, add);
          for (int v = 0; v < kCount; ++v) channels.put(y, v, part[v] / divisor);
        } else {
          Sum total[kCount];
          std::int64_t terms = 0;  // of the part
          const auto add_part = [&] {
            for (int v = 0; v < kCount; ++v) {
              total[v].add(part[v]);
              part[v] = Vec{};
            }
            terms = 0;
          };
          for_places(a, x + c, oh, ow, [&](const float* pixel) {
            if (terms == kRun) add_part();
            ++terms;
            add(pixel);
          });
          add_part();
          for (int v = 0; v < kCount; ++v) channels.put(y, v, total[v].rounded() / divisor);
        }
      });
    }
  });
}

}  // namespace

void avg_pool2d_forward(const AvgPool2dForward& a, std::byte*, const Team& team) {
  if (are_squares_of_four(a) && a.w.count > 0) {
    const auto divisor = static_cast<float>(a.divisor.of(a.h, 0, a.w, 0));
    return for_squares_of_four(a, team, [&](const float* x, std::int64_t line, std::int64_t o, auto channels) {
#pragma GCC unroll 4
      for (int v = 0; v < decltype(channels)::count; ++v) {
        const Vec above = channels.get(x, v) + channels.get(x + a.c, v);
        channels.put(a.y + o, v, (above + channels.get(x + line, v) + channels.get(x + line + a.c, v)) / divisor);
      }
    });
  }
  if (a.h.kernel * a.w.kernel <= kRun) return forward<true>(a, team);
  forward<false>(a, team);
}

void avg_pool2d_backward(const AvgPool2dBackward& a, std::byte*, const Team& team) {
  if (a.h.tile() && a.w.tile() && a.w.count > 0) {
    const float share = 1.0F / static_cast<float>(a.divisor.of(a.h, 0, a.w, 0));
    return scatter_windows(
        a, team, [&](std::int64_t o, auto channels, int v) { return channels.get(a.dy + o, v) * share; },
        [](auto window, std::int32_t) { return window; });
  }
  gather_windows(
      a, team,
      [&](std::int64_t oh, std::int64_t ow, std::int64_t) {
        return 1.0F / static_cast<float>(a.divisor.of(a.h, oh, a.w, ow));
      },
      [&](float share, std::int64_t o, auto channels, int v) { return channels.get(a.dy + o, v) * share; });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
