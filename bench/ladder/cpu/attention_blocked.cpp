// Blocked: 4 queries at a time meet blocks of 2 vectors of keys. Scores, maxima and exp are computed for whole vectors of keys (k
// is transposed once for it), and a number of k or v that was loaded serves 4 queries (T. Dao and others 2022 do so on GPUs).
#include <cmath>
#include <utility>

#include "ladder.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kQueries = 4;
constexpr std::int64_t kKeys = 2 * kLanes;

// kQueries rows of y, from row i of the head on; `kt` holds k in blocks of [kHead][kKeys].
void rows(const float* q, const float* kt, const float* v, std::int64_t length, float* y, std::int64_t count) {
  float result[kQueries][kHead] = {};
  float most[kQueries];
  float sum[kQueries] = {};
  for (float& m : most) m = -INFINITY;
  for (std::int64_t j = 0; j < length; j += kKeys, kt += kHead * kKeys) {
    const std::int64_t keys = length - j < kKeys ? length - j : kKeys;
    Vec score[kQueries][2] = {};
    for (std::int64_t e = 0; e < kHead; ++e) {
#pragma GCC unroll 4
      for (std::int64_t r = 0; r < kQueries; ++r) {
        const Vec query = splat(q[(r < count ? r : 0) * kHead + e]);
        score[r][0] += query * load(kt + e * kKeys);
        score[r][1] += query * load(kt + e * kKeys + kLanes);
      }
    }
    float weight[kQueries][kKeys];
    for (std::int64_t r = 0; r < kQueries; ++r) {
      store(weight[r], kScale * score[r][0]);
      store(weight[r] + kLanes, kScale * score[r][1]);
      for (std::int64_t c = keys; c < kKeys; ++c) weight[r][c] = -INFINITY;  // no keys: they get the weight 0
      const Vec first = load(weight[r]);
      const Vec second = load(weight[r] + kLanes);
      const float now = larger(most[r], largest(larger(first, second)));
      const float shrink = expf(most[r] - now);
      most[r] = now;
      store(weight[r], exp(first - now));
      store(weight[r] + kLanes, exp(second - now));
      sum[r] = sum[r] * shrink + nautile::NTL_TARGET::sum(load(weight[r]) + load(weight[r] + kLanes));
      for (float& e : result[r]) e *= shrink;
    }
    for (std::int64_t e = 0; e < kHead; e += kKeys) {
      Vec y0[kQueries];
      Vec y1[kQueries];
#pragma GCC unroll 4
      for (std::int64_t r = 0; r < kQueries; ++r) {
        y0[r] = load(result[r] + e);
        y1[r] = load(result[r] + e + kLanes);
      }
      for (std::int64_t c = 0; c < keys; ++c) {
        const Vec v0 = load(v + (j + c) * kHead + e);
        const Vec v1 = load(v + (j + c) * kHead + e + kLanes);
#pragma GCC unroll 4
        for (std::int64_t r = 0; r < kQueries; ++r) {
          y0[r] += splat(weight[r][c]) * v0;
          y1[r] += splat(weight[r][c]) * v1;
        }
      }
#pragma GCC unroll 4
      for (std::int64_t r = 0; r < kQueries; ++r) {
        store(result[r] + e, y0[r]);
        store(result[r] + e + kLanes, y1[r]);
      }
    }
  }
  for (std::int64_t r = 0; r < count; ++r) {
    for (std::int64_t e = 0; e < kHead; ++e) y[r * kHead + e] = result[r][e] / sum[r];
  }
}

}  // namespace

std::int64_t attention_blocked_scratch(const Attention& p) { return ceil_div(p.length, kKeys) * kKeys * kHead; }

void attention_blocked(const Attention& p, float* scratch, const Team& /*team*/) {
  for (std::int64_t head = 0; head < p.heads; ++head) {
    const std::int64_t start = head * p.length * kHead;
    for (std::int64_t j = 0; j < attention_blocked_scratch(p) / kHead; ++j) {
      float* block = scratch + j / kKeys * kKeys * kHead + j % kKeys;
      for (std::int64_t e = 0; e < kHead; ++e) block[e * kKeys] = j < p.length ? p.k[start + j * kHead + e] : 0.0F;
    }
    for (std::int64_t i = 0; i < p.length; i += kQueries) {
      const std::int64_t count = p.length - i < kQueries ? p.length - i : kQueries;
      rows(p.q + start + i * kHead, scratch, p.v + start, p.length, p.y + start + i * kHead, count);
    }
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
