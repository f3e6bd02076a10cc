#include "nautile/reduce.hpp"

#include <cmath>

#include "nautile/cuda_rows.hpp"

// One result of all elements: a block for each chunk of kChunk, then one block for the chunks' results, in their order.
// Along rows (inner == 1): a warp for each short one, a block for each long one. Down columns: a block for 32 of them,
// which its warps go down in turns. Sums in double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

__device__ inline bool is_sum(Reduction f) { return f == Reduction::sum || f == Reduction::mean; }

// The sum or the extreme of the terms first, first + step, ... of one thread.
template <typename Term>
__device__ double part(Reduction f, std::int64_t first, std::int64_t n, std::int64_t step, Term&& term) {
  if (is_sum(f)) {
    double total = 0.0;
    for (std::int64_t j = first; j < n; j += step) total += static_cast<double>(term(j));
    return total;
  }
  if (f == Reduction::max) {
    float best = -INFINITY;
    for (std::int64_t j = first; j < n; j += step) best = Larger{}(best, static_cast<float>(term(j)));
    return static_cast<double>(best);
  }
  float best = INFINITY;
  for (std::int64_t j = first; j < n; j += step) best = Smaller{}(best, static_cast<float>(term(j)));
  return static_cast<double>(best);
}

// Two parts; extremes in double are the floats that they come from.
struct Join {
  Reduction f;
  __device__ double operator()(double a, double b) const {
    return is_sum(f) ? a + b : f == Reduction::max ? Larger{}(a, b) : Smaller{}(a, b);
  }
};

// All of a row, for every thread of its group.
template <typename Kind>
__device__ double of_row(Reduction f, Rows<Kind>& row, double* scratch) {
  if (is_sum(f)) return row.sum(scratch, [](std::int64_t, Run(&x)[1], int k) { return x[0].v[k]; });
  const Join join{f};
  double best = f == Reduction::max ? -INFINITY : INFINITY;
  row.each([&](std::int64_t c, Run(&x)[1]) {
    row.within(c, [&](int k) { best = join(best, static_cast<double>(x[0].v[k])); });
  });
  return join_group<Kind::kGroup>(best, join, scratch);
}

__device__ inline void finish(const ReduceForward& a, std::int64_t result, double value) {
  if (a.function == Reduction::mean) value /= static_cast<double>(a.n);
  float* y = a.y + result;
  *y = static_cast<float>(a.accumulate ? static_cast<double>(*y) + value : value);
}

template <bool kAligned>
__global__ void __launch_bounds__(kThreads) reduce_forward_by_chunk(ReduceForward a, double* parts) {
  NTL_SHARED(double, scratch, [kWarps]);
  for_rows<kThreads>(ceil_div(a.n, kChunk), [&](std::int64_t chunk, int member) {
    const std::int64_t begin = chunk * kChunk;
    Rows<RowKind<kThreads, 0, kAligned>> row({a.x + begin}, a.n - begin < kChunk ? a.n - begin : kChunk, member);
    const double value = of_row(a.function, row, scratch);
    if (member == 0) parts[chunk] = value;
  });
}

__global__ void __launch_bounds__(kThreads) reduce_forward_join_chunks(ReduceForward a, const double* parts) {
  NTL_SHARED(double, scratch, [kWarps]);
  const int member = static_cast<int>(threadIdx.x);
  const double value = join_group<kThreads>(
      part(a.function, member, ceil_div(a.n, kChunk), kThreads, [&](std::int64_t j) { return parts[j]; }),
      Join{a.function}, scratch);
  if (member == 0) finish(a, 0, value);
}

template <typename Kind>
__global__ void __launch_bounds__(kThreads) reduce_forward_by_row(ReduceForward a) {
  NTL_SHARED(double, scratch, [kWarps]);
  for_rows<Kind::kGroup>(a.outer, [&](std::int64_t r, int member) {
    Rows<Kind> row({a.x + r * a.n}, a.n, member);
    const double value = of_row(a.function, row, scratch);
    if (member == 0) finish(a, r, value);
  });
}

__global__ void __launch_bounds__(kThreads) reduce_forward_by_column(ReduceForward a) {
  NTL_SHARED(double, scratch, [kThreads]);
  for_columns(a.outer * a.inner, [&](std::int64_t c, int first) {
    const float* x = c < 0 ? nullptr : a.x + c / a.inner * a.n * a.inner + c % a.inner;
    const double value =
        join_column(part(a.function, first, c < 0 ? 0 : a.n, kWarps, [&](std::int64_t j) { return x[j * a.inner]; }),
                    Join{a.function}, scratch);
    if (c >= 0 && first == 0) finish(a, c, value);
  });
}

// ------------------------------------------------------------------------------------------------ backward

__device__ inline void put(const ReduceBackward& a, std::int64_t i, float g) {
  a.dx[i] = a.accumulate ? a.dx[i] + g : g;
}

// Sum and mean: every element gets its result's gradient.
template <typename Index>
__global__ void __launch_bounds__(kThreads) reduce_backward_by_element(ReduceBackward a) {
  const auto inner = static_cast<Index>(a.inner);
  const auto plane = static_cast<Index>(a.n * a.inner);
  const float divisor = a.function == Reduction::mean ? static_cast<float>(a.n) : 1.0F;
  for_items(static_cast<Index>(a.outer) * plane,
            [&](Index i) { put(a, static_cast<std::int64_t>(i), a.dy[i / plane * inner + i % inner] / divisor); });
}

// Whether an element is the extreme y; NaN is where there is one.
__device__ inline bool hits(float x, float y) { return x == y || (x != x && y != y); }

// Maximum and minimum: the first element that is the extreme gets the gradient, the others 0.
template <int kGroup>
__global__ void __launch_bounds__(kThreads) reduce_backward_by_row(ReduceBackward a) {
  NTL_SHARED(std::int64_t, scratch, [kWarps]);
  for_rows<kGroup>(a.outer, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.n;
    const float y = a.y[r];
    std::int64_t first = member;
    while (first < a.n && !hits(x[first], y)) first += kGroup;
    first = join_group<kGroup>(first, Smaller{}, scratch);
    for (std::int64_t j = member; j < a.n; j += kGroup) put(a, r * a.n + j, j == first ? a.dy[r] : 0.0F);
  });
}

__global__ void __launch_bounds__(kThreads) reduce_backward_by_column(ReduceBackward a) {
  NTL_SHARED(std::int64_t, scratch, [kThreads]);
  for_columns(a.outer * a.inner, [&](std::int64_t c, int warp) {
    const std::int64_t n = c < 0 ? 0 : a.n;
    const std::int64_t begin = c < 0 ? 0 : c / a.inner * a.n * a.inner + c % a.inner;
    const float y = c < 0 ? 0.0F : a.y[c];
    std::int64_t first = warp;
    while (first < n && !hits(a.x[begin + first * a.inner], y)) first += kWarps;
    first = join_column(first, Smaller{}, scratch);
    for (std::int64_t j = warp; j < n; j += kWarps) put(a, begin + j * a.inner, j == first ? a.dy[c] : 0.0F);
  });
}

}  // namespace

void reduce_forward(const ReduceForward& a, std::byte* workspace, const Team& team) {
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  if (whole(a)) {
    auto* parts = reinterpret_cast<double*>(workspace);
    if (aligned_rows(a.n, a.x)) {
      NTL_LAUNCH((reduce_forward_by_chunk<true>), blocks_for(chunks(a.n), 1), threads, 0, stream, a, parts);
    } else {
      NTL_LAUNCH((reduce_forward_by_chunk<false>), blocks_for(chunks(a.n), 1), threads, 0, stream, a, parts);
    }
    NTL_LAUNCH(reduce_forward_join_chunks, dim3(1), threads, 0, stream, a, parts);
  } else if (a.inner != 1) {
    NTL_LAUNCH(reduce_forward_by_column, blocks_for_columns(a.outer * a.inner), threads, 0, stream, a);
  } else {
    NTL_LAUNCH_ROWS(reduce_forward_by_row, a.outer, a.n, aligned_rows(a.n, a.x), team, a);
  }
}

void reduce_backward(const ReduceBackward& a, std::byte*, const Team& team) {
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  const std::int64_t size = a.outer * a.n * a.inner;
  if (a.function == Reduction::sum || a.function == Reduction::mean) {
    if (short_index(size)) {
      NTL_LAUNCH((reduce_backward_by_element<std::uint32_t>), blocks_for(size, kThreads), threads, 0, stream, a);
    } else {
      NTL_LAUNCH((reduce_backward_by_element<std::int64_t>), blocks_for(size, kThreads), threads, 0, stream, a);
    }
  } else if (a.inner != 1) {
    NTL_LAUNCH(reduce_backward_by_column, blocks_for_columns(a.outer * a.inner), threads, 0, stream, a);
  } else if (a.n <= kWarpCols) {
    NTL_LAUNCH((reduce_backward_by_row<kWarp>), blocks_for_rows(a.outer, true), threads, 0, stream, a);
  } else {
    NTL_LAUNCH((reduce_backward_by_row<kThreads>), blocks_for_rows(a.outer, false), threads, 0, stream, a);
  }
}

}  // namespace nautile::NTL_TARGET
