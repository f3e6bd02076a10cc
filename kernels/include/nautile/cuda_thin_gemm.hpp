// Matrix products of which y has few rows or few columns: bound by reading the other operand, which is read once.
//
// y^T = b^T a^T makes rows of columns, so one of the operands is thin, x [16 at most, k], and one is wide, w [count, k].
// The terms of a sum are dealt to 32 slots by fours; a thread adds up those of its slot, then the slots are joined, s and
// s + 16 first, then s and s + 8, and so on. That is the order whether w is contiguous along k, where the slots are the
// lanes of a warp, or across it, where lanes take neighbouring columns: the bits do not depend on strides.
#pragma once

#include "nautile/cuda_grid.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kSlots = 32;
constexpr int kMostThin = 16;
constexpr int kWideOfBlock = 32;            // results of a block for each row of x
constexpr std::int64_t kThinPart = 1024;    // terms that a block adds up, where blocks are few and there is a workspace
constexpr std::int64_t kThinBlocks = 1024;  // enough for a large GPU
constexpr std::int64_t kThinAtOnce = 8192;  // and at most elsewhere: 256 for a slot

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
  bool fours;  // of w are loaded at once
  bool accumulate;
};

// Terms of x in shared memory at a time, and from a row of them to the next, which is in other banks.
template <int kThin>
constexpr int kThinDepth = kThin > 4 ? 512 : 1024;
template <int kThin>
constexpr int kThinRow = kThinDepth<kThin> + kFour;

// The next terms of x, [kThin][kThinRow], zeros beyond its rows and the part.
template <int kThin>
__device__ void copy_thin(const Thin& g, const float* x, int depth, float* to) {
  NTL_UNROLL_BY(4)
  for (int i = static_cast<int>(threadIdx.x); i < kThin * kThinDepth<kThin>; i += kThreads) {
    const bool along = g.x_t != 1 || kThin == 1;  // neighbours read neighbours
    const int t = along ? i / kThinDepth<kThin> : i % kThin;
    const int p = along ? i % kThinDepth<kThin> : i / kThin;
    to[t * kThinRow<kThin> + p] = t < g.thin && p < depth ? x[t * g.x_t + p * g.x_p] : 0.0F;
  }
}

// Four of w, zeros after the first `count`.
__device__ inline Pack<kFour> load_wide(const float* w, std::int64_t step, std::int64_t count, bool fours) {
  Pack<kFour> v{};
  if (fours) {
    if (count > 0) v = load<kFour>(w);
  } else {
    NTL_UNROLL
    for (int e = 0; e < kFour; ++e) {
      if (e < count) v.v[e] = w[e * step];
    }
  }
  return v;
}

// Joins the slots' sums in v[0].
template <int kHalf>
__device__ void fold(float (&v)[kSlots]) {
  NTL_UNROLL
  for (int i = 0; i < kHalf; ++i) v[i] += v[i + kHalf];
  if constexpr (kHalf > 1) fold<kHalf / 2>(v);
}

__device__ inline void put_thin(const Thin& g, std::int64_t result, std::int64_t t, std::int64_t c, float sum) {
  float* y = g.y + result * g.y_batch + t * g.y_t + c * g.y_c;
  if (g.bias != nullptr) sum += g.bias[t * g.bias_t + c * g.bias_c];
  *y = g.accumulate ? sum + *y : sum;
}

// What a block adds up: the terms [first, last) of a part of a matrix, for the columns from `left` on.
struct ThinTurn {
  std::int64_t result;
  std::int64_t matrix;
  std::int64_t first;
  std::int64_t last;
  std::int64_t left;

  __device__ ThinTurn(const Thin& g, std::int64_t turn, std::int64_t runs)
      : result(quotient(turn, runs)),
        matrix(quotient(result, g.parts)),
        first((result - matrix * g.parts) * g.part),
        last(first + g.part < g.k ? first + g.part : g.k),
        left((turn - result * runs) * kWideOfBlock) {}
};

// w along k: a warp adds up kEach columns, its lanes are the slots. grid: the runs of kWideOfBlock columns of all parts of
// all matrices. Shared memory: 4, 16 or 32 KiB for 1, 4 or 16 rows of x, and a little.
template <int kThin>
__global__ void __launch_bounds__(kThreads, 2) thin_gemm_along(Thin g) {
  constexpr int kSlice = kThinDepth<kThin>;
  constexpr int kRow = kThinRow<kThin>;
  constexpr int kEach = kWideOfBlock / (kThreads / 32);
  NTL_SHARED(float, x_slice, [kThin * kThinRow<kThin>]);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t runs = ceil_div(g.count, kWideOfBlock);
  for (std::int64_t s = blockIdx.x; s < g.batch * g.parts * runs; s += gridDim.x) {
    const ThinTurn turn(g, s, runs);
    const std::int64_t c = turn.left + warp * kEach;
    const float* x = g.x + turn.matrix * g.x_batch;
    const float* w = g.w + turn.matrix * g.w_batch + c * g.w_c;
    float sum[kEach][kThin] = {};
    for (std::int64_t begin = turn.first; begin < turn.last; begin += kSlice) {
      const std::int64_t rest = turn.last - begin;
      const int depth = rest < kSlice ? static_cast<int>(rest) : kSlice;
      copy_thin<kThin>(g, x + begin * g.x_p, depth, x_slice);
      __syncthreads();
      NTL_UNROLL_BY(kThin > 4 ? 1 : 2)
      for (int at = 0; at < depth; at += kSlots * kFour) {
        const int p = at + lane * kFour;
        Pack<kFour> w_run[kEach];
        NTL_UNROLL
        for (int i = 0; i < kEach; ++i) {
          w_run[i] = load_wide(w + i * g.w_c + (begin + p) * g.w_p, g.w_p, c + i < g.count ? rest - p : 0, g.fours);
        }
        NTL_UNROLL
        for (int t = 0; t < kThin; ++t) {
          const Pack<kFour> x_run = load<kFour>(&x_slice[t * kRow + p]);
          NTL_UNROLL
          for (int i = 0; i < kEach; ++i) {
            NTL_UNROLL
            for (int e = 0; e < kFour; ++e) sum[i][t] = fmaf(x_run.v[e], w_run[i].v[e], sum[i][t]);
          }
        }
      }
      __syncthreads();  // the slice is written again
    }
    NTL_UNROLL
    for (int i = 0; i < kEach; ++i) {
      NTL_UNROLL
      for (int t = 0; t < kThin; ++t) {
        float v = sum[i][t];
        NTL_UNROLL
        for (int level = 1; level <= 5; ++level) v += __shfl_xor_sync(0xffffffffU, v, kSlots >> level);
        if (lane == (i * kThin + t) % 32 && t < g.thin && c + i < g.count) put_thin(g, turn.result, t, c + i, v);
      }
    }
  }
}

// w across k: 8 neighbouring lanes take kWideOfBlock columns by fours, the block's 32 such groups are the slots. grid as
// above. Shared memory: as above.
template <int kThin>
__global__ void __launch_bounds__(kThreads, kThin > 4 ? 1 : 2) thin_gemm_across(Thin g) {
  constexpr int kSlice = kThinDepth<kThin>;
  constexpr int kRow = kThinRow<kThin>;
  constexpr int kJoined = kThin < 8 ? kThin : 8;  // rows of x whose slots are joined at a time, in the memory of x
  NTL_SHARED(float, x_slice, [kThin * kThinRow<kThin>]);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int slot = static_cast<int>(threadIdx.x) / 8;
  const int col = lane % 8 * kFour;
  const std::int64_t runs = ceil_div(g.count, kWideOfBlock);
  for (std::int64_t s = blockIdx.x; s < g.batch * g.parts * runs; s += gridDim.x) {
    const ThinTurn turn(g, s, runs);
    const std::int64_t width = g.count - turn.left - col;
    const float* x = g.x + turn.matrix * g.x_batch;
    const float* w = g.w + turn.matrix * g.w_batch + (turn.left + col) * g.w_c;
    float sum[kThin][kFour] = {};
    for (std::int64_t begin = turn.first; begin < turn.last; begin += kSlice) {
      const std::int64_t rest = turn.last - begin;
      const int depth = rest < kSlice ? static_cast<int>(rest) : kSlice;
      copy_thin<kThin>(g, x + begin * g.x_p, depth, x_slice);
      __syncthreads();
      NTL_UNROLL_BY(kThin > 4 ? 2 : 4)
      for (int at = 0; at < depth; at += kSlots * kFour) {
        const int p = at + slot * kFour;
        Pack<kFour> w_run[kFour];
        NTL_UNROLL
        for (int e = 0; e < kFour; ++e) {
          w_run[e] = load_wide(w + (begin + p + e) * g.w_p, g.w_c, p + e < rest ? width : 0, g.fours);
        }
        NTL_UNROLL
        for (int t = 0; t < kThin; ++t) {
          const Pack<kFour> x_run = load<kFour>(&x_slice[t * kRow + p]);
          NTL_UNROLL
          for (int e = 0; e < kFour; ++e) {
            NTL_UNROLL
            for (int j = 0; j < kFour; ++j) sum[t][j] = fmaf(x_run.v[e], w_run[e].v[j], sum[t][j]);
          }
        }
      }
      __syncthreads();  // the slice is written again
    }
    NTL_UNROLL
    for (int begin = 0; begin < kThin; begin += kJoined) {
      NTL_UNROLL
      for (int t = 0; t < kJoined; ++t) {
        Pack<kFour> run;
        NTL_UNROLL
        for (int j = 0; j < kFour; ++j) run.v[j] = sum[begin + t][j];
        store(&x_slice[(t * kSlots + slot) * kWideOfBlock + col], run);
      }
      __syncthreads();
      if (warp < kJoined && begin + warp < g.thin && turn.left + lane < g.count) {
        float v[kSlots];
        NTL_UNROLL
        for (int i = 0; i < kSlots; ++i) v[i] = x_slice[(warp * kSlots + i) * kWideOfBlock + lane];
        fold<kSlots / 2>(v);
        put_thin(g, turn.result, begin + warp, turn.left + lane, v[0]);
      }
      __syncthreads();  // the sums are written again
    }
  }
}

inline bool is_thin(const Gemm& g) { return (g.m < g.n ? g.m : g.n) <= kMostThin && g.k >= 64; }

// One where there are blocks enough without, as parts cost a workspace and a second launch.
inline std::int64_t thin_parts(const Gemm& g) {
  const std::int64_t blocks = g.batch * ceil_div(g.m < g.n ? g.n : g.m, kWideOfBlock);
  return blocks >= kThinBlocks && g.k <= kThinAtOnce ? 1 : ceil_div(g.k, kThinPart);
}

template <int kThin>
void launch_thin(const Thin& t, bool across, const Team& team) {
  const dim3 grid = blocks_for(t.batch * t.parts * ceil_div(t.count, kWideOfBlock), 1);
  if (across) {
    NTL_LAUNCH((thin_gemm_across<kThin>), grid, dim3(kThreads), 0, stream_of(team), t);
  } else {
    NTL_LAUNCH((thin_gemm_along<kThin>), grid, dim3(kThreads), 0, stream_of(team), t);
  }
}

// With more parts than one, y has a matrix for each of them.
inline void thin_gemm(const Gemm& g, std::int64_t parts, const Team& team) {
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
  t.parts = parts;
  t.part = parts == 1 ? g.k : kThinPart;
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
  if (t.thin == 1) return launch_thin<1>(t, across, team);
  if (t.thin <= 4) return launch_thin<4>(t, across, team);
  launch_thin<kMostThin>(t, across, team);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
