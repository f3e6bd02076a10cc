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

// f(i, n, get, one) for the vectors of a row: get(p) loads the n elements of p from i on, `one` is 1 in as many lanes and 0 in the others.
template <typename F>
inline void for_parts(std::int64_t classes, F&& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= classes; i += kLanes) {
    f(i, kLanes, [=](const float* p) { return load(p + i); }, splat(1.0F));
  }
  if (i == classes) return;
  const std::int64_t n = classes - i;
  float one[kLanes] = {};
  for (std::int64_t lane = 0; lane < n; ++lane) one[lane] = 1.0F;
  f(i, n, [=](const float* p) { return load(p + i, n); }, load(one));
}

// What the classes of row r weigh in its loss, but for the label: from the smoothing and the target's probabilities.
template <typename Args, typename Get>
inline Vec share(const Args& a, std::int64_t r, Get&& get, Vec one) {
  Vec q = one * (a.label_smoothing / static_cast<float>(a.classes));
  if (a.probabilities != nullptr) q += (1.0F - a.label_smoothing) * get(a.probabilities + r * a.classes);
  return a.weight != nullptr ? get(a.weight) * q : q;
}

// Whether a label has a class.
template <typename Args>
bool is_class(const Args& a, std::int64_t label) {
  return label >= 0 && label < a.classes && label != a.ignore_index;
}

template <typename Args>
float weight_of(const Args& a, std::int64_t label) {
  return a.weight != nullptr ? a.weight[label] : 1.0F;
}

// Few classes: kLanes rows at a time, a row in each lane, for a vector along a row would be mostly empty.
constexpr std::int64_t kFewClasses = 32;

// lse of n <= kLanes rows from r on, in two parts: the largest score, and log sum exp of the scores less that.
void log_sums(const CrossEntropyForward& a, std::int64_t r, std::int64_t n, float* m, double* log_sum) {
  const float* x = a.x + r * a.classes;
  if (a.log_probabilities || a.classes > kFewClasses) {
    for (std::int64_t lane = 0; lane < n; ++lane, x += a.classes) {
      m[lane] = a.log_probabilities ? 0.0F : row_max(x, a.classes);
      log_sum[lane] =
          a.log_probabilities ? 0.0 : std::log(static_cast<double>(row_exp_sum(x, nullptr, a.classes, m[lane])));
    }
    return;
  }
  float column[kFewClasses * kLanes] = {};
  for (std::int64_t lane = 0; lane < n; ++lane) {
    for (std::int64_t c = 0; c < a.classes; ++c) column[c * kLanes + lane] = x[lane * a.classes + c];
  }
  Vec largest = load(column);
  for (std::int64_t c = 1; c < a.classes; ++c) largest = larger(largest, load(column + c * kLanes));
  Vec total{};
  for (std::int64_t c = 0; c < a.classes; ++c) total += exp(load(column + c * kLanes) - largest);
  const Vec logs = log(total);
  for (std::int64_t lane = 0; lane < n; ++lane) {
    m[lane] = largest[lane];
    log_sum[lane] = static_cast<double>(logs[lane]);
  }
}

WeighedLoss row_loss(const CrossEntropyForward& a, std::int64_t r, float m, double log_sum, const Team& team) {
  const float* x = a.x + r * a.classes;
  a.saved[2 * r] = m;
  a.saved[2 * r + 1] = static_cast<float>(log_sum);
  WeighedLoss result{0.0, 1.0};
  if (a.labels != nullptr) {
    const std::int64_t label = a.labels[r];
    if (!is_class(a, label)) {
      if (label == a.ignore_index) return {0.0, 0.0};
      team.report("cross_entropy: target", a.classes, r, label);
      return {std::numeric_limits<double>::quiet_NaN(), 1.0};
    }
    result.weight = static_cast<double>(weight_of(a, label));
    result.loss = (1.0 - static_cast<double>(a.label_smoothing)) * result.weight *
                  (static_cast<double>(m) + log_sum - static_cast<double>(x[label]));
  }
  if (a.labels == nullptr || a.label_smoothing > 0.0F) {
    const auto rest = static_cast<float>(log_sum);
    Vec total{};
    for_parts(a.classes, [&](std::int64_t, std::int64_t, auto&& get, Vec one) {
      total += share(a, r, get, one) * (rest - (get(x) - m));
    });
    result.loss += static_cast<double>(sum(total));
  }
  return result;
}

// The gradient of row r; `all` is that by its loss, unless each has its own.
void row_gradient(const CrossEntropyBackward& a, std::int64_t r, float all) {
  const float* x = a.x + r * a.classes;
  float* dx = a.dx + r * a.classes;
  float hit = 0.0F;  // the label's weight
  if (a.labels != nullptr) {
    const std::int64_t label = a.labels[r];
    if (!is_class(a, label)) {  // the forward pass has reported those that are not ignored
      if (!a.accumulate) std::memset(dx, 0, static_cast<std::size_t>(a.classes) * sizeof(float));
      return;
    }
    hit = (1.0F - a.label_smoothing) * weight_of(a, label);
  }
  float total = hit;  // of the weights of all classes
  if (a.labels == nullptr || a.label_smoothing > 0.0F) {
    Vec shares{};
    for_parts(a.classes, [&](std::int64_t, std::int64_t, auto&& get, Vec one) { shares += share(a, r, get, one); });
    total += sum(shares);
  }
  const float g = a.reduction == LossReduction::none ? a.dloss[r] : all;
  const float m = a.saved[2 * r];
  const float log_sum = a.saved[2 * r + 1];
  for_parts(a.classes, [&](std::int64_t i, std::int64_t n, auto&& get, Vec one) {
    const Vec weight = a.log_probabilities ? Vec{} : total * exp(get(x) - m - log_sum);
    const Vec d = g * (weight - share(a, r, get, one));
    const Vec value = a.accumulate ? get(dx) + d : d;
    if (n == kLanes) {
      store(dx + i, value);
    } else {
      store(dx + i, value, n);
    }
  });
  if (a.labels != nullptr) dx[a.labels[r]] -= g * hit;
}

// Whether the gradient of n rows from r on is that of few_gradients.
bool is_plain(const CrossEntropyBackward& a, std::int64_t r, std::int64_t n) {
  if (a.labels == nullptr || a.label_smoothing > 0.0F || a.log_probabilities || a.classes > kFewClasses) return false;
  for (std::int64_t lane = 0; lane < n; ++lane) {
    if (!is_class(a, a.labels[r + lane])) return false;
  }
  return true;
}

// The gradient of n <= kLanes rows of few classes, as row_gradient has it, by vectors across their borders.
void few_gradients(const CrossEntropyBackward& a, std::int64_t r, std::int64_t n, float all) {
  constexpr std::int64_t kSize = kFewClasses * kLanes;
  float m[kSize];  // what is the row's, for each of its elements
  float log_sum[kSize];
  float total[kSize];
  float g[kSize];
  for (std::int64_t lane = 0, i = 0; lane < n; ++lane) {
    const float* saved = a.saved + 2 * (r + lane);
    const float weight = weight_of(a, a.labels[r + lane]);
    const float upstream = a.reduction == LossReduction::none ? a.dloss[r + lane] : all;
    for (std::int64_t c = 0; c < a.classes; ++c, ++i) {
      m[i] = saved[0];
      log_sum[i] = saved[1];
      total[i] = weight;
      g[i] = upstream;
    }
  }
  const float* x = a.x + r * a.classes;
  float* dx = a.dx + r * a.classes;
  const auto gradient = [&](std::int64_t i, auto&& get) {
    const Vec d = load(g + i) * (load(total + i) * exp(get(x + i) - load(m + i) - load(log_sum + i)));
    return a.accumulate ? get(dx + i) + d : d;
  };
  const std::int64_t size = n * a.classes;
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) store(dx + i, gradient(i, [=](const float* p) { return load(p); }));
  const std::int64_t rest = size - i;
  if (rest > 0) store(dx + i, gradient(i, [=](const float* p) { return load(p, rest); }), rest);
  for (std::int64_t lane = 0; lane < n; ++lane) {
    const std::int64_t at = lane * a.classes + a.labels[r + lane];
    dx[at] -= g[at] * total[at];
  }
}

}  // namespace

void cross_entropy_forward(const CrossEntropyForward& a, std::byte* workspace, const Team& team) {
  auto* parts = reinterpret_cast<WeighedLoss*>(workspace);
  const std::int64_t block = rows_per_task(a.classes);
  for_tasks(team, tasks(a), [&](std::int64_t task) {
    WeighedLoss part{0.0, 0.0};
    const std::int64_t end = (task + 1) * block < a.rows ? (task + 1) * block : a.rows;
    for (std::int64_t first = task * block; first < end; first += kLanes) {
      const std::int64_t n = end - first < kLanes ? end - first : kLanes;
      float m[kLanes];
      double log_sum[kLanes];
      log_sums(a, first, n, m, log_sum);
      for (std::int64_t lane = 0; lane < n; ++lane) {
        const WeighedLoss row = row_loss(a, first + lane, m[lane], log_sum[lane], team);
        if (a.reduction == LossReduction::none) a.loss[first + lane] = static_cast<float>(row.loss);
        part.loss += row.loss;
        part.weight += row.weight;
      }
    }
    parts[task] = part;
  });
  if (a.reduction == LossReduction::none) return;
  team.barrier();
  if (team.rank != 0) return;
  WeighedLoss total{0.0, 0.0};
  for (std::int64_t task = 0; task < tasks(a); ++task) {
    total.loss += parts[task].loss;
    total.weight += parts[task].weight;
  }
  const double divisor = a.reduction == LossReduction::mean ? total.weight : 1.0;
  *a.loss = static_cast<float>(total.loss / divisor);
  a.saved[2 * a.rows] = static_cast<float>(divisor);
}

void cross_entropy_backward(const CrossEntropyBackward& a, std::byte*, const Team& team) {
  const float all = a.reduction == LossReduction::none ? 0.0F : *a.dloss / a.saved[2 * a.rows];
  const std::int64_t block = rows_per_task(a.classes);
  for_tasks(team, tasks(a), [&](std::int64_t task) {
    const std::int64_t end = (task + 1) * block < a.rows ? (task + 1) * block : a.rows;
    for (std::int64_t first = task * block; first < end; first += kLanes) {
      const std::int64_t n = end - first < kLanes ? end - first : kLanes;
      if (is_plain(a, first, n)) {
        few_gradients(a, first, n, all);
      } else {
        for (std::int64_t r = first; r < first + n; ++r) row_gradient(a, r, all);
      }
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
