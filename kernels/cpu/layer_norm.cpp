#include "nautile/layer_norm.hpp"

#include <cmath>
#include <cstring>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_norm.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kJoinCols = 64;  // columns whose sums one task joins

// What the forward pass keeps of a row: the mean is m + rest, so that x - m loses nothing where the mean is large.
struct Row {
  float m;
  float rest;
  float rstd;

  Vec normal(Vec x) const { return (x - m) * rstd - rest * rstd; }
};

// One pass, by way of the differences to the mean of the first elements; where that is far from the mean of the row, digits
// are lost, and a second pass takes the differences to the latter.
Row measured(const float* x, std::int64_t cols, float eps) {
  const auto n = static_cast<double>(cols);
  float m = cols < kLanes ? x[0] : sum(load(x)) / static_cast<float>(kLanes);
  double rest;
  double variance;
  const auto measure = [&] {
    double apart[2];
    row_sums(cols, apart, [=](std::int64_t i, auto lanes, Vec* sums) {
      const Vec d = lanes.only(lanes.of(x + i) - m);
      sums[0] += d;
      sums[1] += d * d;
    });
    rest = apart[0] / n;
    variance = apart[1] / n - rest * rest;
  };
  measure();
  if (rest * rest > 4.0 * variance) {
    m += static_cast<float>(rest);
    measure();
  }
  const double rstd = 1.0 / std::sqrt((variance < 0.0 ? 0.0 : variance) + static_cast<double>(eps));
  return {m, static_cast<float>(rest), static_cast<float>(rstd)};
}

// One row of the backward pass. Its terms of dweight and dbias are added to those of its block, unless these are null.
void row_backward(const LayerNormBackward& a, std::int64_t r, float* dweight, float* dbias) {
  const float* stats = a.stats + 3 * r;
  const Row row{stats[0], stats[1], stats[2]};
  const float* x = a.x + r * a.cols;
  const float* dy = a.dy + r * a.cols;
  const float* weight = a.weight;
  float* dx = a.dx == nullptr ? nullptr : a.dx + r * a.cols;
  const bool accumulate = a.accumulate_dx;
  const std::int64_t cols = a.cols;
  float mean = 0.0F;
  float slope = 0.0F;
  if (a.dx != nullptr) {
    double total[2];
    row_sums(cols, total, [=](std::int64_t i, auto lanes, Vec* sums) {
      Vec g = lanes.of(dy + i);
      if (weight != nullptr) g *= lanes.of(weight + i);
      sums[0] += g;
      sums[1] += lanes.only(g * row.normal(lanes.of(x + i)));
    });
    mean = static_cast<float>(total[0] / static_cast<double>(a.cols));
    slope = static_cast<float>(total[1] / static_cast<double>(a.cols));
  }
  for_lanes(cols, [=](std::int64_t i, auto lanes) {
    __builtin_prefetch(x + cols + i);  // the next row
    __builtin_prefetch(dy + cols + i);
    Vec g = lanes.of(dy + i);
    const Vec normal = row.normal(lanes.of(x + i));
    if (dweight != nullptr) {
      lanes.put(dweight + i, lanes.of(dweight + i) + g * normal);
      lanes.put(dbias + i, lanes.of(dbias + i) + g);
    }
    if (dx == nullptr) return;
    if (weight != nullptr) g *= lanes.of(weight + i);
    const Vec d = ((g - mean) - normal * slope) * row.rstd;
    lanes.put(dx + i, accumulate ? lanes.of(dx + i) + d : d);
  });
}

// Adds up what the blocks found for some columns, in the order of the blocks.
void join(const float* parts, std::int64_t blocks, std::int64_t cols, std::int64_t begin, float* sums,
          bool accumulate) {
  const std::int64_t width = begin + kJoinCols < cols ? kJoinCols : cols - begin;
  double total[kJoinCols] = {};
  for (std::int64_t b = 0; b < blocks; ++b) {
    const float* part = parts + b * 2 * cols + begin;
    for (std::int64_t c = 0; c < width; ++c) total[c] += static_cast<double>(part[c]);
  }
  for (std::int64_t c = 0; c < width; ++c) {
    float& to = sums[begin + c];
    to = static_cast<float>(accumulate ? static_cast<double>(to) + total[c] : total[c]);
  }
}

}  // namespace

void layer_norm_forward(const LayerNormForward& a, std::byte*, const Team& team) {
  const float* weight = a.weight;
  const float* bias = a.bias;
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const float* x = a.x + r * a.cols;
    float* y = a.y + r * a.cols;
    const Row row = measured(x, a.cols, a.eps);
    float* stats = a.stats + 3 * r;
    stats[0] = row.m;
    stats[1] = row.rest;
    stats[2] = row.rstd;
    const float* next = x + a.cols;  // asked for while this row is written
    for_lanes(a.cols, [=](std::int64_t i, auto lanes) {
      __builtin_prefetch(next + i);
      Vec v = row.normal(lanes.of(x + i));
      if (weight != nullptr) v = v * lanes.of(weight + i);
      if (bias != nullptr) v = v + lanes.of(bias + i);
      lanes.put(y + i, v);
    });
  });
}

void layer_norm_backward(const LayerNormBackward& a, std::byte* workspace, const Team& team) {
  const bool sums = a.dweight != nullptr || a.dbias != nullptr;
  auto* parts = reinterpret_cast<float*>(workspace);
  const std::int64_t blocks = layer_norm_blocks(a);
  for_tasks(team, blocks, [&](std::int64_t block) {
    float* part = sums ? parts + block * 2 * a.cols : nullptr;
    if (sums) std::memset(part, 0, static_cast<std::size_t>(2 * a.cols) * sizeof(float));
    const std::int64_t end = (block + 1) * kLayerNormRows < a.rows ? (block + 1) * kLayerNormRows : a.rows;
    for (std::int64_t r = block * kLayerNormRows; r < end; ++r)
      row_backward(a, r, part, sums ? part + a.cols : nullptr);
  });
  if (!sums) return;
  team.barrier();
  for_tasks(team, ceil_div(a.cols, kJoinCols), [&](std::int64_t task) {
    const std::int64_t begin = task * kJoinCols;
    if (a.dweight != nullptr) join(parts, blocks, a.cols, begin, a.dweight, a.accumulate_dweight);
    if (a.dbias != nullptr) join(parts + a.cols, blocks, a.cols, begin, a.dbias, a.accumulate_dbias);
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
