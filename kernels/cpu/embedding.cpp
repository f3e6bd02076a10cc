#include "nautile/embedding.hpp"

#include <cstring>
#include <limits>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Sorts the places 0 .. count - 1 by their index, those of one index in order: places[starts[v]] up to
// places[starts[v + 1]] have index v.
void sort_places(const EmbeddingBackward& a, std::int64_t* starts, std::int64_t* places) {
  const auto counts = [&](std::int64_t v) { return v >= 0 && v < a.rows && v != a.padding; };
  std::memset(starts, 0, static_cast<std::size_t>(a.rows + 1) * sizeof(std::int64_t));
  for (std::int64_t r = 0; r < a.count; ++r) {
    if (counts(a.index[r])) ++starts[a.index[r]];
  }
  std::int64_t total = 0;
  for (std::int64_t v = 0; v <= a.rows; ++v) {  // the ends, which filling from behind turns into starts
    total += starts[v];
    starts[v] = total;
  }
  for (std::int64_t r = a.count - 1; r >= 0; --r) {
    if (counts(a.index[r])) places[--starts[a.index[r]]] = r;
  }
}

// Columns begin .. begin + n - 1, n <= kEmbeddingColumns, of row v of dweight: the sum of these rows of dy.
void sum_rows(const EmbeddingBackward& a, std::int64_t v, const std::int64_t* places, std::int64_t count,
              std::int64_t begin, std::int64_t n) {
  float* dweight = a.dweight + v * a.cols + begin;
  if (count == 0) {
    if (!a.accumulate) std::memset(dweight, 0, static_cast<std::size_t>(n) * sizeof(float));
    return;
  }
  double total[kEmbeddingColumns] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    const float* dy = a.dy + places[i] * a.cols + begin;
    for (std::int64_t c = 0; c < n; ++c) total[c] += static_cast<double>(dy[c]);
  }
  for (std::int64_t c = 0; c < n; ++c) {
    const auto g = static_cast<float>(total[c]);
    dweight[c] = a.accumulate ? dweight[c] + g : g;
  }
}

}  // namespace

void embedding_forward(const EmbeddingForward& a, std::byte*, const Team& team) {
  for_rows(team, a.count, a.cols, [&](std::int64_t r) {
    const std::int64_t v = a.index[r];
    float* y = a.y + r * a.cols;
    if (v < 0 || v >= a.rows) {
      team.report("embedding: index", a.rows, r, v);
      for (std::int64_t c = 0; c < a.cols; ++c) y[c] = std::numeric_limits<float>::quiet_NaN();
      return;
    }
    std::memcpy(y, a.weight + v * a.cols, static_cast<std::size_t>(a.cols) * sizeof(float));
  });
}

void embedding_backward(const EmbeddingBackward& a, std::byte* workspace, const Team& team) {
  auto* starts = reinterpret_cast<std::int64_t*>(workspace);
  std::int64_t* places = starts + a.rows + 1;
  if (team.rank == 0) sort_places(a, starts, places);
  team.barrier();
  // a part are the rows v whose work before them, starts[v] + v, lies in it: each row is in one, whatever the parts
  const std::int64_t parts = embedding_parts(a);
  const std::int64_t work = starts[a.rows] + a.rows;
  const auto first_row = [&](std::int64_t before) {
    std::int64_t low = 0;
    std::int64_t high = a.rows;
    while (low < high) {
      const std::int64_t v = (low + high) / 2;
      if (starts[v] + v < before) {
        low = v + 1;
      } else {
        high = v;
      }
    }
    return low;
  };
  for_tasks(team, tasks(a), [&](std::int64_t task) {
    const std::int64_t part = task % parts;
    const std::int64_t begin = task / parts * kEmbeddingColumns;
    const std::int64_t n = a.cols - begin < kEmbeddingColumns ? a.cols - begin : kEmbeddingColumns;
    const std::int64_t end = first_row(work * (part + 1) / parts);
    for (std::int64_t v = first_row(work * part / parts); v < end; ++v) {
      sum_rows(a, v, places + starts[v], starts[v + 1] - starts[v], begin, n);
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
