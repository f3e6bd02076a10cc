#include "nautile/cross_entropy.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Rows that count in the mean.
std::int64_t counted(const std::int64_t* target, std::int64_t rows, std::int64_t ignore_index) {
  std::int64_t count = 0;
  for (std::int64_t r = 0; r < rows; ++r) count += target[r] != ignore_index;
  return count;
}

}  // namespace

void cross_entropy_forward(const CrossEntropyForward& a, std::byte* workspace, const Team& team) {
  auto* losses = reinterpret_cast<double*>(workspace);
  const double smoothing = static_cast<double>(a.label_smoothing);
  for_rows(team, a.rows, a.classes, [&](std::int64_t r) {
    const float* x = a.x + r * a.classes;
    const float m = row_max(x, a.classes);
    const double log_sum = std::log(static_cast<double>(row_exp_sum(x, nullptr, a.classes, m)));
    const double lse = static_cast<double>(m) + log_sum;
    a.lse[2 * r] = m;
    a.lse[2 * r + 1] = static_cast<float>(log_sum);
    const std::int64_t t = a.target[r];
    if (t == a.ignore_index) {
      losses[r] = 0.0;
    } else if (t < 0 || t >= a.classes) {
      team.report("cross_entropy: target", a.classes, r, t);
      losses[r] = std::numeric_limits<double>::quiet_NaN();
    } else {
      losses[r] = lse - (1.0 - smoothing) * static_cast<double>(x[t]);
      if (smoothing > 0.0) {
        const float total = row_sum(
            a.classes, [&](std::int64_t i) { return load(x + i); },
            [&](std::int64_t i, std::int64_t n) { return load(x + i, n); });
        losses[r] -= smoothing * static_cast<double>(total) / static_cast<double>(a.classes);
      }
    }
    if (a.reduction == LossReduction::none) a.loss[r] = static_cast<float>(losses[r]);
  });
  if (a.reduction == LossReduction::none) return;
  team.barrier();
  if (team.rank != 0) return;
  double total = 0.0;
  for (std::int64_t r = 0; r < a.rows; ++r) total += losses[r];
  if (a.reduction == LossReduction::mean) {
    total /= static_cast<double>(counted(a.target, a.rows, a.ignore_index));
  }
  *a.loss = static_cast<float>(total);
}

void cross_entropy_backward(const CrossEntropyBackward& a, std::byte*, const Team& team) {
  const auto classes = static_cast<float>(a.classes);
  float all = a.reduction == LossReduction::none ? 0.0F : *a.dloss;
  if (a.reduction == LossReduction::mean) all /= static_cast<float>(counted(a.target, a.rows, a.ignore_index));
  for_rows(team, a.rows, a.classes, [&](std::int64_t r) {
    const float* x = a.x + r * a.classes;
    float* dx = a.dx + r * a.classes;
    const std::int64_t t = a.target[r];
    if (t == a.ignore_index) {
      if (!a.accumulate) std::memset(dx, 0, static_cast<std::size_t>(a.classes) * sizeof(float));
      return;
    }
    const float g = a.reduction == LossReduction::none ? a.dloss[r] : all;
    const float m = a.lse[2 * r];
    const float log_sum = a.lse[2 * r + 1];
    const float uniform = a.label_smoothing / classes;
    const float hit = g * (1.0F - a.label_smoothing);
    for_vectors(a.classes, [&](std::int64_t i, std::int64_t n) {
      if (n == kLanes) {
        const Vec d = g * (exp(load(x + i) - m - log_sum) - uniform);
        store(dx + i, a.accumulate ? load(dx + i) + d : d);
      } else {
        const Vec d = g * (exp(load(x + i, n) - m - log_sum) - uniform);
        store(dx + i, a.accumulate ? load(dx + i, n) + d : d, n);
      }
    });
    if (t >= 0 && t < a.classes) dx[t] -= hit;  // the forward pass has reported others
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
