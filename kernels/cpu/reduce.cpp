#include "nautile/reduce.hpp"

#include <cstring>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_double.hpp"

namespace nautile::NTL_TARGET {
namespace {

bool is_sum(Reduction f) { return f == Reduction::sum || f == Reduction::mean; }

// Of single elements or vectors.
template <typename T>
T extreme(Reduction f, T a, T b) {
  return f == Reduction::max ? larger(a, b) : smaller(a, b);
}

float extreme_of(const float* x, std::int64_t n, Reduction f) {
  constexpr std::int64_t kVectors = 4;  // an extreme waits for the one before it
  float best = x[0];
  std::int64_t i = 0;
  if (n >= kVectors * kLanes) {
    Vec most[kVectors];
    for (std::int64_t v = 0; v < kVectors; ++v) most[v] = load(x + v * kLanes);
    for (i = kVectors * kLanes; i + kVectors * kLanes <= n; i += kVectors * kLanes) {
#pragma GCC unroll 4
      for (std::int64_t v = 0; v < kVectors; ++v) most[v] = extreme(f, most[v], load(x + i + v * kLanes));
    }
    for (const Vec& lanes : most) {
      for (std::int64_t lane = 0; lane < kLanes; ++lane) best = extreme(f, best, lanes[lane]);
    }
  }
  for (; i < n; ++i) best = extreme(f, best, x[i]);
  return best;
}

// The sum, or the extreme, of a run.
double part(const float* x, std::int64_t n, Reduction f) {
  if (is_sum(f)) return sum_double(x, n, [=](auto v) { return v; });
  return static_cast<double>(extreme_of(x, n, f));
}

void finish(const ReduceForward& a, std::int64_t result, double value) {
  if (a.function == Reduction::mean) value /= static_cast<double>(a.n);
  float* y = a.y + result;
  *y = static_cast<float>(a.accumulate ? static_cast<double>(*y) + value : value);
}

void reduce_whole(const ReduceForward& a, double* parts, const Team& team) {
  for_chunks(team, a.n,
             [&](std::int64_t begin, std::int64_t n) { parts[begin / kChunk] = part(a.x + begin, n, a.function); });
  team.barrier();
  if (team.rank != 0) return;
  double total = a.n == 0 ? 0.0 : parts[0];
  for (std::int64_t i = 1; i < chunks(a.n); ++i) {
    total = is_sum(a.function)
                ? total + parts[i]
                : static_cast<double>(extreme(a.function, static_cast<float>(total), static_cast<float>(parts[i])));
  }
  finish(a, 0, total);
}

// Down the columns of [n, inner], a block of columns at a time, so that memory is read along its rows.
void reduce_columns(const ReduceForward& a, std::int64_t o, std::int64_t begin, std::int64_t end) {
  const float* x = a.x + o * a.n * a.inner + begin;
  const std::int64_t width = end - begin;
  double sums[kReduceColumns] = {};
  float best[kReduceColumns];
  if (!is_sum(a.function)) std::memcpy(best, x, static_cast<std::size_t>(width) * sizeof(float));
  for (std::int64_t j = 0; j < a.n; ++j, x += a.inner) {
    if (is_sum(a.function)) {
      for (std::int64_t i = 0; i < width; ++i) sums[i] += static_cast<double>(x[i]);
    } else {
      for_vectors(width, [&](std::int64_t i, std::int64_t n) {
        store(best + i, extreme(a.function, load(best + i, n), load(x + i, n)), n);
      });
    }
  }
  for (std::int64_t i = 0; i < width; ++i) {
    finish(a, o * a.inner + begin + i, is_sum(a.function) ? sums[i] : static_cast<double>(best[i]));
  }
}

}  // namespace

void reduce_forward(const ReduceForward& a, std::byte* workspace, const Team& team) {
  if (whole(a)) return reduce_whole(a, reinterpret_cast<double*>(workspace), team);
  if (a.inner == 1) {
    const std::int64_t block = reduce_rows(a.n);
    for_tasks(team, tasks(a), [&](std::int64_t task) {
      const std::int64_t end = (task + 1) * block < a.outer ? (task + 1) * block : a.outer;
      for (std::int64_t o = task * block; o < end; ++o) finish(a, o, part(a.x + o * a.n, a.n, a.function));
    });
    return;
  }
  const std::int64_t blocks = ceil_div(a.inner, kReduceColumns);
  for_tasks(team, tasks(a), [&](std::int64_t task) {
    const std::int64_t begin = task % blocks * kReduceColumns;
    const std::int64_t end = begin + kReduceColumns < a.inner ? begin + kReduceColumns : a.inner;
    reduce_columns(a, task / blocks, begin, end);
  });
}

void reduce_backward(const ReduceBackward& a, std::byte*, const Team& team) {
  const std::int64_t results = a.outer * a.inner;
  const std::int64_t parts = tasks(a);
  const float divisor = a.function == Reduction::mean ? static_cast<float>(a.n) : 1.0F;
  if (is_sum(a.function)) {
    // every element of dx by itself: rows of inner elements get the row of dy they were added into
    for_chunks(team, results * a.n, [&](std::int64_t begin, std::int64_t count) {
      for (std::int64_t i = begin; i < begin + count;) {
        const std::int64_t o = i / (a.n * a.inner);
        const std::int64_t k = i % a.inner;
        const std::int64_t left = begin + count - i;
        // inner == 1: one dy for the rest of the n elements; else one row of dy
        const std::int64_t run = a.inner == 1 ? a.n - i % a.n : a.inner - k;
        const std::int64_t n = run < left ? run : left;
        const float* dy = a.dy + o * a.inner + k;
        float* dx = a.dx + i;
        for (std::int64_t j = 0; j < n; ++j) {
          const float g = (a.inner == 1 ? *dy : dy[j]) / divisor;
          dx[j] = a.accumulate ? dx[j] + g : g;
        }
        i += n;
      }
    });
    return;
  }
  for_tasks(team, parts, [&](std::int64_t task) {
    const std::int64_t end = results * (task + 1) / parts;
    for (std::int64_t r = results * task / parts; r < end; ++r) {
      const std::int64_t first = r / a.inner * a.n * a.inner + r % a.inner;
      const float y = a.y[r];
      bool found = false;
      for (std::int64_t j = 0; j < a.n; ++j) {
        const std::int64_t i = first + j * a.inner;
        const bool hit = !found && (a.x[i] == y || (y != y && a.x[i] != a.x[i]));
        found = found || hit;
        const float g = hit ? a.dy[r] : 0.0F;
        a.dx[i] = a.accumulate ? a.dx[i] + g : g;
      }
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
