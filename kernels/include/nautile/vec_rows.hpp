// What the kernels that work row by row share. Included after vec_math.hpp.
namespace nautile::NTL_TARGET {
namespace {

// f(r) for the rows of each task.
template <typename F>
inline void for_rows(const Team& team, std::int64_t rows, std::int64_t cols, F&& f) {
  const std::int64_t block = rows_per_task(cols);
  for_tasks(team, row_tasks(rows, cols), [&](std::int64_t task) {
    const std::int64_t end = (task + 1) * block < rows ? (task + 1) * block : rows;
    for (std::int64_t r = task * block; r < end; ++r) f(r);
  });
}

// The largest element of a row, 0 of none; NaN if there is one.
inline float row_max(const float* x, std::int64_t cols) {
  if (cols == 0) return 0.0F;
  if (cols < kLanes) {
    float m = x[0];
    for (std::int64_t c = 1; c < cols; ++c) m = larger(m, x[c]);
    return m;
  }
  Vec best = load(x);
  for (std::int64_t c = kLanes; c + kLanes <= cols; c += kLanes) best = larger(best, load(x + c));
  return largest(larger(best, load(x + cols - kLanes)));  // the tail overlaps: a maximum may see an element twice
}

// The sum of full(i) over the vectors of a row and part(i, n) of its tail, whose unused lanes are 0.
template <typename Full, typename Part>
inline float row_sum(std::int64_t cols, Full&& full, Part&& part) {
  Vec total{};
  std::int64_t i = 0;
  for (; i + kLanes <= cols; i += kLanes) total += full(i);
  if (i < cols) total += part(i, cols - i);
  return sum(total);
}

// The sum of exp(x - m) over a row; the terms go to y unless that is null.
inline float row_exp_sum(const float* x, float* y, std::int64_t cols, float m) {
  return row_sum(
      cols,
      [&](std::int64_t i) {
        const Vec e = exp(load(x + i) - m);
        if (y != nullptr) store(y + i, e);
        return e;
      },
      [&](std::int64_t i, std::int64_t n) {
        const Vec e = exp(load(x + i, n) - m);
        float lane[kLanes] = {};
        store(lane, e, n);  // clears the lanes beyond the row
        if (y != nullptr) store(y + i, e, n);
        return load(lane);
      });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
