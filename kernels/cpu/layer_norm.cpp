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
// are lost, and a second pass takes the differences to the latter. Sums are of 256 elements in float32, those in double: within
// 32 roundings with 8 lanes. The first pass calls beside(i, lanes) for each vector.
template <typename F>
Row measured(const float* x, std::int64_t cols, float eps, F&& beside) {
  if (cols == 0) return {};
  constexpr std::int64_t kBlock = 256;
  const auto n = static_cast<double>(cols);
  float m = cols < kLanes ? x[0] : sum(load(x)) / static_cast<float>(kLanes);
  double rest;
  double variance;
  const auto measure = [&](auto&& also) {
    double apart[2] = {};
    for (std::int64_t begin = 0; begin < cols; begin += kBlock) {
      Vec sums[2] = {};
      for_lanes(begin + kBlock < cols ? kBlock : cols - begin, [&](std::int64_t i, auto lanes) {
        const Vec d = lanes.only(lanes.of(x + begin + i) - m);
        sums[0] += d;
        sums[1] += d * d;
        also(begin + i, lanes);
      });
      for (int s = 0; s < 2; ++s) apart[s] += static_cast<double>(sum(sums[s]));
    }
    rest = apart[0] / n;
    variance = apart[1] / n - rest * rest;
  };
  measure(beside);
  if (rest * rest > 4.0 * variance) {
    m += static_cast<float>(rest);
    measure([](std::int64_t, auto) {});
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
  const std::int64_t block = rows_per_task(a.cols);
  // Each row is written while the next is measured: memory that is read and written at once moves more than in turns.
  for_tasks(team, row_tasks(a.rows, a.cols), [&](std::int64_t task) {
    const std::int64_t begin = task * block;
    const std::int64_t end = begin + block < a.rows ? begin + block : a.rows;
    Row row = measured(a.x + begin * a.cols, a.cols, a.eps, [](std::int64_t, auto) {});
    for (std::int64_t r = begin; r < end; ++r) {
      const float* x = a.x + r * a.cols;
      float* y = a.y + r * a.cols;
      float* stats = a.stats + 3 * r;
      stats[0] = row.m;
      stats[1] = row.rest;
      stats[2] = row.rstd;
      const auto write = [=](std::int64_t i, auto lanes) {
        Vec v = row.normal(lanes.of(x + i));
        if (weight != nullptr) v = v * lanes.of(weight + i);
        if (bias != nullptr) v = v + lanes.of(bias + i);
        lanes.put(y + i, v);
      };
      if (r + 1 < end) {
        row = measured(x + a.cols, a.cols, a.eps, write);
      } else {
        for_lanes(a.cols, write);
      }
    }
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
