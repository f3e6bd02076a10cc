// Rows that a warp or a block takes: read from memory once, by sixteen bytes, where they are short enough for registers.
#pragma once

#include <cmath>

#include "nautile/cuda_group.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kWarpRow = 1024;  // elements of the longest row that a warp takes

// How a kernel goes over rows. Which group takes a row and which of its elements are a thread's depends on the row's length
// alone, so that memory which is not aligned gives the same bits. kRuns of 0: any number of runs, read at each pass.
template <int kGroupOf, int kRunsOf, bool kAlignedOf>
struct RowKind {
  static constexpr int kGroup = kGroupOf;
  static constexpr int kRuns = kRunsOf;
  static constexpr bool kAligned = kAlignedOf;
};
template <typename F>
void with_row_kind(std::int64_t cols, bool aligned, F&& f) {
  if (cols <= kWarpRow) {
    if (aligned) {
      f(RowKind<kWarp, kWarpRow / (kWarp * kFour), true>{});
    } else {
      f(RowKind<kWarp, 0, false>{});
    }
  } else if (!aligned) {
    f(RowKind<kThreads, 0, false>{});
  } else if (cols <= 4 * kThreads * kFour) {
    f(RowKind<kThreads, 4, true>{});
  } else {
    f(RowKind<kThreads, 0, true>{});
  }
}

// Launches kernel<Kind>(...) with a group for each row.
#define NTL_LAUNCH_ROWS(kernel, rows, cols, aligned, team, ...)                                          \
  with_row_kind(cols, aligned, [&](auto kind) {                                                          \
    NTL_LAUNCH((kernel<decltype(kind)>), blocks_for_rows(rows, kind.kGroup == kWarp), dim3(kThreads), 0, \
               stream_of(team), __VA_ARGS__);                                                            \
  })

// What a thread has of kCount rows of equal length: run k is the (member + k kGroup)-th.
template <typename Kind, int kCount = 1>
class Rows {
 public:
  static constexpr bool kKept = Kind::kRuns > 0;

  __device__ Rows(const float* const (&rows)[kCount], std::int64_t cols, int member) : cols_(cols), member_(member) {
    for (int n = 0; n < kCount; ++n) rows_[n] = rows[n];
    NTL_UNROLL
    for (int k = 0; k < Kind::kRuns; ++k) {
      const std::int64_t c = (member + std::int64_t{k} * Kind::kGroup) * kFour;
      if (c < cols) read(c, kept_[k]);
    }
  }

  // f(c, runs) for the thread's runs, the columns from c on, of all rows. What f changes is there at the next pass, if kKept.
  template <typename F>
  __device__ void each(F&& f) {
    if constexpr (kKept) {
      each_kept([&](int, std::int64_t c, Run(&runs)[kCount]) { f(c, runs); });
    } else {
      for (std::int64_t c = std::int64_t{member_} * kFour; c < cols_; c += std::int64_t{Kind::kGroup} * kFour) {
        Run runs[kCount];
        read(c, runs);
        f(c, runs);
      }
    }
  }

  // The same where kKept, with the number of the run: f(k, c, runs).
  template <typename F>
  __device__ void each_kept(F&& f) {
    static_assert(kKept);
    NTL_UNROLL
    for (int k = 0; k < Kind::kRuns; ++k) {
      const std::int64_t c = (member_ + std::int64_t{k} * Kind::kGroup) * kFour;
      if (c < cols_) f(k, c, kept_[k]);
    }
  }

  // f(k) for the elements c + k of a run that are in the row.
  template <typename F>
  __device__ void within(std::int64_t c, F&& f) const {
    NTL_UNROLL
    for (int k = 0; k < kFour; ++k) {
      if (Kind::kAligned || c + k < cols_) f(k);
    }
  }

  // A run of another row, and what goes into one.
  __device__ Run load(const float* row, std::int64_t c) const { return load_run<Kind::kAligned>(row + c, cols_ - c); }
  __device__ void store(float* row, std::int64_t c, const Run& run) const {
    store_run<Kind::kAligned>(row + c, cols_ - c, run);
  }

  // The sum of term(runs, k) over all elements, for every thread of the group; `scratch` as in join_group. In double.
  template <typename Term>
  __device__ double sum(double* scratch, Term&& term) {
    double total = 0.0;
    each([&](std::int64_t c, Run(&runs)[kCount]) {
      double terms[kFour] = {};
      within(c, [&](int k) { terms[k] = static_cast<double>(term(c, runs, k)); });
      total += (terms[0] + terms[1]) + (terms[2] + terms[3]);
    });
    return join_group<Kind::kGroup>(total, Add{}, scratch);
  }

  // The largest element of the first row; NaN if there is one.
  __device__ float largest(float* scratch) {
    float m = -INFINITY;
    each([&](std::int64_t c, Run(&runs)[kCount]) { within(c, [&](int k) { m = Larger{}(m, runs[0].v[k]); }); });
    return join_group<Kind::kGroup>(m, Larger{}, scratch);
  }

 private:
  __device__ void read(std::int64_t c, Run (&runs)[kCount]) const {
    NTL_UNROLL
    for (int n = 0; n < kCount; ++n) runs[n] = load(rows_[n], c);
  }

  const float* rows_[kCount];
  std::int64_t cols_;
  int member_;
  Run kept_[kKept ? Kind::kRuns : 1][kCount] = {};
};

}  // namespace
}  // namespace nautile::NTL_TARGET
