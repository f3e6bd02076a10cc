#include "nautile/binary.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

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

template <typename F, typename A, typename B>
void row(A a, B b, float* y, std::int64_t size, F&& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) store(y + i, f(a.full(i), b.full(i)));
  if (i < size) store(y + i, f(a.part(i, size - i), b.part(i, size - i)), size - i);
}

template <typename F, typename A>
void row(A a, const float* b, std::int64_t b_stride, float* y, std::int64_t size, F&& f) {
  if (b_stride == 1) return row(a, Unit{b}, y, size, f);
  if (b_stride == 0) return row(a, Repeat{splat(*b)}, y, size, f);
  row(a, Strided{b, b_stride}, y, size, f);
}

template <typename F>
void row(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride, float* y, std::int64_t size,
         F&& f) {
  if (a_stride == 1) return row(Unit{a}, b, b_stride, y, size, f);
  if (a_stride == 0) return row(Repeat{splat(*a)}, b, b_stride, y, size, f);
  row(Strided{a, a_stride}, b, b_stride, y, size, f);
}

template <typename F>
void apply(const BinaryForward& args, const Team& team, F&& f) {
  const std::int64_t* n = args.extents;
  const std::int64_t* sa = args.a_strides;
  const std::int64_t* sb = args.b_strides;
  const std::int64_t rows = n[0] * n[1] * n[2];
  if (rows == 1) {
    for_chunks(team, n[3], [&](std::int64_t begin, std::int64_t count) {
      row(args.a + begin * sa[3], sa[3], args.b + begin * sb[3], sb[3], args.y + begin, count, f);
    });
    return;
  }
  const std::int64_t block = rows_per_task(n[3]);
  for_tasks(team, ceil_div(rows, block), [&](std::int64_t task) {
    const std::int64_t end = (task + 1) * block < rows ? (task + 1) * block : rows;
    for (std::int64_t r = task * block; r < end; ++r) {
      const std::int64_t i2 = r % n[2];
      const std::int64_t i1 = r / n[2] % n[1];
      const std::int64_t i0 = r / n[2] / n[1];
      row(args.a + i0 * sa[0] + i1 * sa[1] + i2 * sa[2], sa[3], args.b + i0 * sb[0] + i1 * sb[1] + i2 * sb[2], sb[3],
          args.y + r * n[3], n[3], f);
    }
  });
}

}  // namespace

void binary_forward(const BinaryForward& args, std::byte*, const Team& team) {
  switch (args.function) {
    case Binary::add: return apply(args, team, [=](Vec a, Vec b) { return a + b; });
    case Binary::sub: return apply(args, team, [=](Vec a, Vec b) { return a - b; });
    case Binary::mul: return apply(args, team, [=](Vec a, Vec b) { return a * b; });
    case Binary::div: return apply(args, team, [=](Vec a, Vec b) { return a / b; });
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
