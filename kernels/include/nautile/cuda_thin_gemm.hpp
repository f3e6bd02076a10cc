// Matrix products of which y has few rows or few columns: bound by reading the other operand, which is read once.
//
// y^T = b^T a^T makes rows of columns, so one of the operands is thin, x [16 at most, k], and one is wide, w [count, k].
// A thread has four columns of y, of each row of x a sum, and a slot: the terms are dealt to the slots of a block by fours.
// 4 x 4 elements of w at a time, and the x that belongs to them, go through a ring in shared memory (cp.async), so that
// enough of w is under way. At the end the slots are joined, those of a warp by halves, then warp after warp.
//
// Which slot a term belongs to depends on the shape alone, so w along k and across it give the same bits.
#pragma once

#include <type_traits>

#include "nautile/cuda_grid.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kMostThin = 16;
constexpr int kThinThreads = 512;
constexpr std::int64_t kMostSteps = 64;  // of a part: 256 terms for a slot
// From times of an H200, like kFewSteps:
constexpr std::int64_t kLeastWide = 256 << 10;  // elements of w that are worth it
constexpr std::int64_t kThinBlocks = 96;  // fewer, with more steps than kFewSteps, are worth cutting k: a second launch

// y(t, c) = the sum over p of x(t, p) w(c, p); steps are in elements.
struct Thin {
  const float* x;
  const float* w;
  float* y;
  const float* bias;
  int thin;
  std::int64_t count;  // of c
  std::int64_t k;
  std::int64_t batch;
  std::int64_t parts;
  std::int64_t part;  // terms of one
  std::int64_t x_batch, x_t, x_p;
  std::int64_t w_batch, w_c, w_p;
  std::int64_t y_batch, y_t, y_c;  // a matrix for each part
  std::int64_t bias_t, bias_c;
  bool fours;    // of w are copied at once
  bool x_fours;  // of x, too: turned, four terms of a row, else four rows of a term
  bool accumulate;
};

// A block for kThin rows of x at most: fewer rows leave room for more slots, and so for fewer columns and more blocks.
template <int kThin>
struct ThinShape {
  static constexpr int kQuads = kThin == 1 ? 2 : kThin == 4 ? 4 : 8;  // of columns
  static constexpr int kWarpQuads = kQuads < 4 ? kQuads : 4;
  static constexpr int kCols = kFour * kQuads;
  static constexpr int kSlots = kThinThreads / kQuads;
  static constexpr int kDepth = kFour * kSlots;                 // terms of a step
  static constexpr int kStages = kThin == 1 ? 4 : 3;            // of the 163 KiB of sm_80
  static constexpr int kFewSteps = kThin == kMostThin ? 3 : 8;  // that take less time than a second launch
  static constexpr int kSums = kFour * kThin;
  static constexpr int kWarpSlots = 32 / kWarpQuads;
  static constexpr int kGroups = kSlots / kWarpSlots;          // of slots, each in a warp
  static constexpr int kSlotX = kSums + (kThin == 1 ? 0 : 4);  // from a slot's x to the next, which is in other banks

  struct Stage {
    float w[kFour][kThinThreads][kFour];  // by the place that thin_place tells
    float x[kSlots][kSlotX];              // four terms, of each all rows; or turned, of all rows four terms
  };
};

// What a block adds up: the terms [first, last) of a part of a matrix, for the columns from `left` on.
struct ThinTurn {
  std::int64_t result;
  std::int64_t matrix;
  std::int64_t first;
  std::int64_t last;
  std::int64_t left;

  __device__ ThinTurn(const Thin& g, std::int64_t turn, std::int64_t runs, int cols)
      : result(quotient(turn, runs)),
        matrix(quotient(result, g.parts)),
        first((result - matrix * g.parts) * g.part),
        last(first + g.part < g.k ? first + g.part : g.k),
        left((turn - result * runs) * cols) {}
};

// The columns and terms of a thread.
struct ThinPlace {
  int quad;
  int slot;
  int at;  // in Stage::w
};

// Lanes with the same slot are neighbours, so that they read x at once, and read their w so where it lies across k. Where it
// lies along k, the slots of a row must be neighbours to be copied in one piece: a thread copies for another of its warp, to
// places that spread what eight neighbours read over the banks.
template <int kThin, bool kAcross>
__device__ ThinPlace thin_place(bool copies) {
  using Shape = ThinShape<kThin>;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  const bool along = copies && !kAcross;
  const int quad = along ? lane / Shape::kWarpSlots : lane % Shape::kWarpQuads;
  const int slot = along ? lane % Shape::kWarpSlots : lane / Shape::kWarpQuads;
  const int at = kAcross ? lane : quad * Shape::kWarpSlots + (slot ^ quad * (8 / Shape::kWarpQuads));
  const int warp = thread / 32;
  return {warp / Shape::kGroups * Shape::kWarpQuads + quad, warp % Shape::kGroups * Shape::kWarpSlots + slot,
          warp * 32 + at};
}

// The terms from `begin` on of x, zeros beyond its rows and the part.
template <int kThin, bool kTurned>
__device__ void copy_thin(const Thin& g, const float* x, std::int64_t begin, std::int64_t last, float* to) {
  using Shape = ThinShape<kThin>;
  const int thread = static_cast<int>(threadIdx.x);
  const float* from = x + begin * g.x_p;
  const int depth = last - begin < Shape::kDepth ? static_cast<int>(last - begin) : Shape::kDepth;
  const auto place = [](int t, int p) {
    return p / kFour * Shape::kSlotX + (kTurned ? t * kFour + p % kFour : p % kFour * kThin + t);
  };
  if (g.x_fours) {
    constexpr int kRuns = kThin * Shape::kDepth / kFour;
    constexpr int kOfTerm = kThin < kFour ? 1 : kThin / kFour;
    NTL_UNROLL
    for (int i = thread; i < kRuns; i += kThinThreads) {
      const int t = kTurned ? i / Shape::kSlots : i % kOfTerm * kFour;
      const int p = kTurned ? i % Shape::kSlots * kFour : i / kOfTerm;
      cuda::cp_async_16(to + place(t, p), from + t * g.x_t + p * g.x_p, t < g.thin && p < depth);
    }
  } else {
    NTL_UNROLL_BY(2)
    for (int i = thread; i < kThin * Shape::kDepth; i += kThinThreads) {
      const int t = kTurned ? i / Shape::kDepth : i % kThin;  // neighbours read neighbours
      const int p = kTurned ? i % Shape::kDepth : i / kThin;
      cuda::cp_async_4(to + place(t, p), from + t * g.x_t + p * g.x_p, t < g.thin && p < depth);
    }
  }
}

// 4 x 4 of w: four terms of a column at a time, or, kAcross, four columns of a term; zeros beyond `cols` and `terms`.
template <bool kAcross>
__device__ void copy_wide(const Thin& g, const float* w, std::int64_t cols, std::int64_t terms, int at,
                          float (*to)[kThinThreads][kFour]) {
  const std::int64_t outer = kAcross ? g.w_p : g.w_c;
  const std::int64_t inner = kAcross ? g.w_c : g.w_p;
  const std::int64_t rows = kAcross ? terms : cols;
  const std::int64_t length = kAcross ? cols : terms;
  NTL_UNROLL
  for (int i = 0; i < kFour; ++i) {
    float* four = to[i][at];
    const float* from = w + i * outer;
    if (g.fours) {
      cuda::cp_async_16(four, from, i < rows && length > 0);
    } else {
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) cuda::cp_async_4(four + e, from + e * inner, i < rows && e < length);
    }
  }
}

template <int kThin, bool kAcross, bool kTurned>
__device__ void multiply_thin(const float (*w)[kThinThreads][kFour], int at, const float* x,
                              float (&sum)[kFour * kThin]) {
  Pack<kFour> w_run[kFour];
  NTL_UNROLL
  for (int i = 0; i < kFour; ++i) w_run[i] = load<kFour>(w[i][at]);
  const auto add = [&](int t, int e, float v) {
    NTL_UNROLL
    for (int j = 0; j < kFour; ++j) {
      sum[t * kFour + j] = fmaf(v, kAcross ? w_run[e].v[j] : w_run[j].v[e], sum[t * kFour + j]);
    }
  };
  NTL_UNROLL
  for (int i = 0; i < kThin; ++i) {
    const Pack<kFour> x_run = load<kFour>(x + i * kFour);
    NTL_UNROLL
    for (int r = 0; r < kFour; ++r) {
      if constexpr (kTurned) {
        add(i, r, x_run.v[r]);
      } else {
        add(i * kFour % kThin + r, i * kFour / kThin, x_run.v[r]);
      }
    }
  }
}

// Adds up v over the lanes that differ in the bits from kBit down to kLast. Of the sums each lane gets a share, from the
// returned one on: with each bit lanes exchange one half for the other, as long as there are two.
template <int kCount, int kBit, int kLast, int kSize>
__device__ int join_lanes(float (&v)[kSize]) {
  if constexpr (kBit < kLast) {
    return 0;
  } else if constexpr (kCount == 1) {
    v[0] += __shfl_xor_sync(0xffffffffU, v[0], kBit);
    return join_lanes<1, kBit / 2, kLast>(v);
  } else {
    constexpr int kHalf = kCount / 2;
    const bool upper = (threadIdx.x & kBit) != 0;
    NTL_UNROLL
    for (int i = 0; i < kHalf; ++i) {
      const float other = upper ? v[i] : v[i + kHalf];
      v[i] = (upper ? v[i + kHalf] : v[i]) + __shfl_xor_sync(0xffffffffU, other, kBit);
    }
    return (upper ? kHalf : 0) + join_lanes<kHalf, kBit / 2, kLast>(v);
  }
}

__device__ inline void put_thin(const Thin& g, std::int64_t result, std::int64_t t, std::int64_t c, float sum) {
  float* y = g.y + result * g.y_batch + t * g.y_t + c * g.y_c;
  if (g.bias != nullptr) sum += g.bias[t * g.bias_t + c * g.bias_c];
  *y = g.accumulate ? sum + *y : sum;
}

// grid: the runs of kCols columns of all parts of all matrices. Block: kThinThreads. Shared memory: kStages Stages, 144, 126 or
// 147 KiB for 1, 4 or 16 rows of x, so one block a processor.
template <int kThin, bool kAcross, bool kTurned>
__global__ void __launch_bounds__(kThinThreads, 1) thin_gemm_by_slots(Thin g) {
  using Shape = ThinShape<kThin>;
  using Stage = typename Shape::Stage;
  NTL_DYNAMIC_SHARED(Stage, ring);
  const ThinPlace place = thin_place<kThin, kAcross>(false);
  const ThinPlace copied = thin_place<kThin, kAcross>(true);
  const std::int64_t runs = ceil_div(g.count, Shape::kCols);
  for (std::int64_t s = blockIdx.x; s < g.batch * g.parts * runs; s += gridDim.x) {
    const ThinTurn turn(g, s, runs, Shape::kCols);
    const std::int64_t c = turn.left + copied.quad * kFour;
    const float* x = g.x + turn.matrix * g.x_batch;
    const float* w = g.w + turn.matrix * g.w_batch + c * g.w_c + (turn.first + copied.slot * kFour) * g.w_p;
    const int steps = static_cast<int>(ceil_div(turn.last - turn.first, Shape::kDepth));
    const auto copy = [&](int step) {
      if (step < steps) {
        Stage& to = ring[step % Shape::kStages];
        const std::int64_t begin = turn.first + std::int64_t{step} * Shape::kDepth;
        copy_wide<kAcross>(g, w, g.count - c, turn.last - begin - copied.slot * kFour, copied.at, to.w);
        copy_thin<kThin, kTurned>(g, x, begin, turn.last, &to.x[0][0]);
        w += Shape::kDepth * g.w_p;
      }
      cuda::cp_async_commit();
    };

    float sum[Shape::kSums] = {};
    NTL_UNROLL_BY(1)
    for (int step = 0; step < Shape::kStages - 1; ++step) copy(step);
    NTL_UNROLL_BY(1)
    for (int step = 0; step < steps; ++step) {
      cuda::cp_async_wait<Shape::kStages - 2>();
      __syncthreads();  // the step is there, and the one before is no longer read
      copy(step + Shape::kStages - 1);
      const Stage& from = ring[step % Shape::kStages];
      multiply_thin<kThin, kAcross, kTurned>(from.w, place.at, from.x[place.slot], sum);
    }
    __syncthreads();  // the ring is free

    constexpr int kLeft = Shape::kSums > Shape::kWarpSlots ? Shape::kSums / Shape::kWarpSlots : 1;
    float* const joined = reinterpret_cast<float*>(ring);  // [group][row of x][column]
    constexpr int kResults = kThin * Shape::kCols;
    const int first = join_lanes<Shape::kSums, 16, Shape::kWarpQuads>(sum);
    NTL_UNROLL
    for (int i = 0; i < kLeft; ++i) {
      const int t = (first + i) / kFour;
      const int col = place.quad * kFour + (first + i) % kFour;
      joined[(place.slot / Shape::kWarpSlots * kThin + t) * Shape::kCols + col] = sum[i];
    }
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < kResults; i += kThinThreads) {
      const int t = i / Shape::kCols;
      const std::int64_t col = turn.left + i % Shape::kCols;
      float total = joined[i];
      NTL_UNROLL
      for (int other = 1; other < Shape::kGroups; ++other) total += joined[other * kResults + i];
      if (t < g.thin && col < g.count) put_thin(g, turn.result, t, col, total);
    }
    __syncthreads();  // the ring is written again
  }
}

inline bool is_thin(const Gemm& g) {
  return (g.m < g.n ? g.m : g.n) <= kMostThin && g.k >= 64 && (g.m < g.n ? g.n : g.m) >= kLeastWide / g.k;
}

// f of the constant that stands for so many rows of x.
template <typename F>
auto with_thin(const Gemm& g, F&& f) {
  const std::int64_t thin = g.m < g.n ? g.m : g.n;
  if (thin == 1) return f(std::integral_constant<int, 1>{});
  if (thin <= 4) return f(std::integral_constant<int, 4>{});
  return f(std::integral_constant<int, kMostThin>{});
}

// Into how many parts k is cut, where there is a workspace; without, at most kMostSteps steps are added up.
struct ThinCut {
  std::int64_t parts;
  std::int64_t part;  // terms
};
inline ThinCut thin_cut(const Gemm& g, bool workspace) {
  return with_thin(g, [&](auto thin) {
    using Shape = ThinShape<thin()>;
    const std::int64_t blocks = g.batch * ceil_div(g.m < g.n ? g.n : g.m, Shape::kCols);
    const std::int64_t steps = ceil_div(g.k, Shape::kDepth);
    std::int64_t part = workspace && blocks < kThinBlocks && steps > Shape::kFewSteps ? 1 : kMostSteps;
    while (ceil_div(steps, part) * blocks > 2 * kThinBlocks && part < kMostSteps) part *= 2;
    return ThinCut{ceil_div(steps, part), part * Shape::kDepth};
  });
}

template <int kThin, bool kAcross, bool kTurned>
bool launch_thin(const Thin& t, const Team& team) {
  using Shape = ThinShape<kThin>;
  constexpr std::size_t kBytes = Shape::kStages * sizeof(typename Shape::Stage);
  if (!allow_shared(&thin_gemm_by_slots<kThin, kAcross, kTurned>, kBytes)) return false;
  NTL_LAUNCH((thin_gemm_by_slots<kThin, kAcross, kTurned>),
             blocks_for(t.batch * t.parts * ceil_div(t.count, Shape::kCols), 1), dim3(kThinThreads), kBytes,
             stream_of(team), t);
  return true;
}

// With more parts than one, y has a matrix for each of them. False, and nothing done, where the device has too little shared
// memory.
inline bool thin_gemm(const Gemm& g, const ThinCut& cut, const Team& team) {
  const bool rows = g.m <= g.n;  // are few
  Thin t{};
  t.x = rows ? g.a : g.b;
  t.w = rows ? g.b : g.a;
  t.y = g.y;
  t.bias = g.bias;
  t.thin = static_cast<int>(rows ? g.m : g.n);
  t.count = rows ? g.n : g.m;
  t.k = g.k;
  t.batch = g.batch;
  t.parts = cut.parts;
  t.part = cut.part;
  t.x_batch = rows ? g.a_batch : g.b_batch;
  t.x_t = rows ? g.a_row : g.b_col;
  t.x_p = rows ? g.a_col : g.b_row;
  t.w_batch = rows ? g.b_batch : g.a_batch;
  t.w_c = rows ? g.b_col : g.a_row;
  t.w_p = rows ? g.b_row : g.a_col;
  t.y_batch = g.y_batch;
  t.y_t = rows ? g.y_row : 1;
  t.y_c = rows ? 1 : g.y_row;
  t.bias_t = rows ? 0 : 1;
  t.bias_c = rows ? 1 : 0;
  t.accumulate = g.accumulate;
  const bool across = t.w_c == 1 && t.w_p != 1;
  t.fours = (across || t.w_p == 1) && (across ? t.w_p : t.w_c) % kFour == 0 && t.w_batch % kFour == 0 &&
            (across ? t.count : t.k) % kFour == 0 && aligned(t.w);
  return with_thin(g, [&](auto thin) {
    const bool turned = thin() == 1 || (t.x_p == 1 && t.x_t != 1);
    const bool runs = turned ? t.x_p == 1 && t.k % kFour == 0 && (thin() == 1 || t.x_t % kFour == 0)
                             : t.x_t == 1 && t.thin == thin() && t.x_p % kFour == 0;
    t.x_fours = runs && t.x_batch % kFour == 0 && aligned(t.x);
    if (turned) return across ? launch_thin<thin(), true, true>(t, team) : launch_thin<thin(), false, true>(t, team);
    if constexpr (thin() > 1) {
      return across ? launch_thin<thin(), true, false>(t, team) : launch_thin<thin(), false, false>(t, team);
    }
    return false;
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
