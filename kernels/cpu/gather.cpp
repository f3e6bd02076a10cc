#include "nautile/gather.hpp"

#include <cstring>
#include <limits>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {

void gather_forward(const GatherForward& a, std::byte*, const Team& team) {
  for_chunks(team, a.outer * a.m * a.inner, [&](std::int64_t begin, std::int64_t count) {
    for (std::int64_t e = begin; e < begin + count;) {  // rows of y, of which the chunk may begin or end inside
      const std::int64_t o = e / (a.m * a.inner);
      const std::int64_t i = e % a.inner;
      const float* x = a.x + o * a.n * a.inner;
      const std::int64_t left = begin + count - e;
      const std::int64_t run = a.inner - i < left ? a.inner - i : left;
      for (std::int64_t r = 0; r < run; ++r) {
        const std::int64_t k = a.index[e + r];
        if (k >= 0 && k < a.n) {
          a.y[e + r] = x[k * a.inner + i + r];
        } else {
          team.report("gather: index", a.n, e + r, k);
          a.y[e + r] = std::numeric_limits<float>::quiet_NaN();
        }
      }
      e += run;
    }
  });
}

void gather_backward(const GatherBackward& a, std::byte*, const Team& team) {
  const std::int64_t blocks = gather_blocks(a);
  for_rows(team, a.outer * blocks, (a.n + a.m) * gather_width(a), [&](std::int64_t item) {
    const std::int64_t begin = item % blocks * kGatherLines;
    const std::int64_t width = a.inner - begin < kGatherLines ? a.inner - begin : kGatherLines;
    float* dx = a.dx + item / blocks * a.n * a.inner + begin;
    const std::int64_t first = item / blocks * a.m * a.inner + begin;
    if (!a.accumulate) {
      const bool whole = width == a.inner;  // all lines of the outer index lie together
      for (std::int64_t k = 0; k < (whole ? 1 : a.n); ++k) {
        std::memset(dx + k * a.inner, 0, static_cast<std::size_t>(whole ? a.n * width : width) * sizeof(float));
      }
    }
    for (std::int64_t j = 0; j < a.m; ++j) {
      const std::int64_t* index = a.index + first + j * a.inner;
      const float* dy = a.dy + first + j * a.inner;
      for (std::int64_t i = 0; i < width; ++i) {
        if (index[i] >= 0 && index[i] < a.n) dx[index[i] * a.inner + i] += dy[i];
      }
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
