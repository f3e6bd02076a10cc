// How kernels of several operands walk over them: four nested loops, along the innermost axis by vectors. Included after
// vec.hpp.
namespace nautile::NTL_TARGET {
namespace {

// One operand along the innermost axis.
struct Unit {  // its elements follow one another
  const float* p;
  Vec full(std::int64_t i) const { return load(p + i); }
  Vec part(std::int64_t i, std::int64_t n) const { return load(p + i, n); }
};
struct Repeat {  // one element for all
  Vec v;
  Vec full(std::int64_t) const { return v; }
  Vec part(std::int64_t, std::int64_t) const { return v; }
};
struct Strided {
  const float* p;
  std::int64_t stride;
  Vec full(std::int64_t i) const { return part(i, kLanes); }
  Vec part(std::int64_t i, std::int64_t n) const {
    Vec v{};
    for (std::int64_t lane = 0; lane < n; ++lane) v[lane] = p[(i + lane) * stride];
    return v;
  }
};

// body(operand) with the operand that the stride asks for.
template <typename Body>
inline void with_operand(const float* p, std::int64_t stride, Body&& body) {
  if (stride == 1) return body(Unit{p});
  if (stride == 0) return body(Repeat{splat(*p)});
  body(Strided{p, stride});
}

// y[i] = f(a[i], b[i]) along the innermost axis; T is the type of y, and put(y + i, result) or put(y + i, result, n) writes.
template <typename T, typename F, typename Put>
inline void row_of_two(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride, T* y,
                       std::int64_t size, F&& f, Put&& put) {
  with_operand(a, a_stride, [&](auto left) {
    with_operand(b, b_stride, [&](auto right) {
      std::int64_t i = 0;
      for (; i + kLanes <= size; i += kLanes) put(y + i, f(left.full(i), right.full(i)), kLanes);
      if (i < size) put(y + i, f(left.part(i, size - i), right.part(i, size - i)), size - i);
    });
  });
}

// Where a run of the innermost axis begins: its place on the other axes, and from where to where.
struct Run {
  std::int64_t i0;
  std::int64_t i1;
  std::int64_t i2;
  std::int64_t begin;
  std::int64_t count;
  std::int64_t place;  // of its first element in the contiguous result

  template <typename T>
  const T* at(const T* p, const std::int64_t* strides) const {
    return p + i0 * strides[0] + i1 * strides[1] + i2 * strides[2] + begin * strides[3];
  }
};

// f(run) for the runs of each task: rows, or chunks of the only row.
template <typename F>
inline void for_runs(const Team& team, const std::int64_t* n, F&& f) {
  const std::int64_t rows = n[0] * n[1] * n[2];
  if (rows == 1) {
    for_chunks(team, n[3], [&](std::int64_t begin, std::int64_t count) { f(Run{0, 0, 0, begin, count, begin}); });
    return;
  }
  const std::int64_t block = rows_per_task(n[3]);
  for_tasks(team, ceil_div(rows, block), [&](std::int64_t task) {
    const std::int64_t end = (task + 1) * block < rows ? (task + 1) * block : rows;
    for (std::int64_t r = task * block; r < end; ++r) {
      f(Run{r / n[2] / n[1], r / n[2] % n[1], r % n[2], 0, n[3], r * n[3]});
    }
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
