#include "nautile/upsample.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"
#include "nautile/vec_pictures.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Output positions whose weights are kept for all channels.
constexpr std::int64_t kRun = 16;
struct Run {
  std::int64_t first;
  std::int64_t count;
  float weights[kRun];

  // Those from `begin` on, below `end`, that take position i.
  Run(const Stretch& along, std::int64_t begin, std::int64_t end, std::int64_t i) : first(begin), count(end - begin) {
    if (count > kRun) count = kRun;
    for (std::int64_t k = 0; k < count; ++k) weights[k] = along.taps(begin + k).weight(i);
  }
};

// One pixel of dx from a run of rows and a run of columns of dy.
void gather(const UpsampleBackward& a, const float* dy, float* dx, const Run& rows, const Run& cols, bool add) {
  for_channels(a.c, [&](std::int64_t c, auto channels) {
    constexpr int kCount = decltype(channels)::count;
    Vec total[kCount];
    for (int v = 0; v < kCount; ++v) total[v] = add ? channels.get(dx + c, v) : Vec{};
    for (std::int64_t k = 0; k < rows.count; ++k) {
      const float* pixel = dy + ((rows.first + k) * a.w.count + cols.first) * a.c + c;
      Vec row[kCount] = {};
      for (std::int64_t l = 0; l < cols.count; ++l, pixel += a.c) {
        for (int v = 0; v < kCount; ++v) row[v] += channels.get(pixel, v) * cols.weights[l];
      }
      for (int v = 0; v < kCount; ++v) total[v] += row[v] * rows.weights[k];
    }
    for (int v = 0; v < kCount; ++v) channels.put(dx + c, v, total[v]);
  });
}

}  // namespace

void upsample_forward(const UpsampleForward& a, std::byte*, const Team& team) {
  for_rows(team, a.n * a.h.count, row_cost(a), [&](std::int64_t r) {
    const Taps h = a.h.taps(r % a.h.count);
    const float* x = a.x + r / a.h.count * a.h.size * a.w.size * a.c;
    const float* above = x + h.i0 * a.w.size * a.c;
    const float* below = x + h.i1 * a.w.size * a.c;
    float* y = a.y + r * a.w.count * a.c;
    for (std::int64_t ow = 0; ow < a.w.count; ++ow, y += a.c) {
      const Taps w = a.w.taps(ow);
      const std::int64_t left = w.i0 * a.c;
      const std::int64_t right = w.i1 * a.c;
      for_channels(a.c, [&](std::int64_t c, auto channels) {
        for (int v = 0; v < decltype(channels)::count; ++v) {
          if (a.w.mode == Upsampling::nearest) {
            channels.put(y + c, v, channels.get(above + left + c, v));
          } else {
            const Vec first = channels.get(above + left + c, v) * w.w0 + channels.get(above + right + c, v) * w.w1;
            const Vec second = channels.get(below + left + c, v) * w.w0 + channels.get(below + right + c, v) * w.w1;
            channels.put(y + c, v, first * h.w0 + second * h.w1);
          }
        }
      });
    }
  });
}

void upsample_backward(const UpsampleBackward& a, std::byte*, const Team& team) {
  for_rows(team, a.n * a.h.size, row_cost(a), [&](std::int64_t r) {
    const std::int64_t i = r % a.h.size;
    const float* dy = a.dy + r / a.h.size * a.h.count * a.w.count * a.c;
    const std::int64_t oh0 = a.h.first(i);
    const std::int64_t oh1 = a.h.first_beyond(i);
    for (std::int64_t oh = oh0; oh < oh1 || oh == oh0; oh += kRun) {
      const Run rows(a.h, oh, oh1, i);
      std::int64_t ow0 = 0;
      std::int64_t ow1 = 0;
      for (std::int64_t j = 0; j < a.w.size; ++j) {
        float* dx = a.dx + (r * a.w.size + j) * a.c;
        while (ow1 < a.w.count && a.w.taps(ow1).i0 <= j) ++ow1;
        while (ow0 < ow1 && a.w.taps(ow0).i1 < j) ++ow0;
        for (std::int64_t ow = ow0; ow < ow1 || ow == ow0; ow += kRun) {  // once even if nothing takes the pixel
          gather(a, dy, dx, rows, Run(a.w, ow, ow1, j), a.accumulate || oh > oh0 || ow > ow0);
        }
      }
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
