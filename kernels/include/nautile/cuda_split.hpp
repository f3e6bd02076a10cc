// Matrix products on tensor cores, what their kernels share: precisions, and floats split into parts of bf16.
//
// A float x is x1 + x2 + x3, each the bf16 nearest to what the ones before leave: 8 bits of the 24 each. Of the nine
// products of parts the three smallest (2^-24 of the whole and below) are left out. Ootomo and Yokota, "Recovering single
// precision accuracy from Tensor Cores", 2022, arXiv:2203.03341, for halves; three bf16 keep the range of a float.
//
// Where parts cannot hold an element (infinite, NaN, beyond the largest bf16, 3.39e38) the product of parts is not finite
// either, and `exact_sum` replaces it. Parts below bf16's 2^-133 are lost: elements below 2^-109 keep fewer digits.
#pragma once

#include "nautile/cuda_grid.hpp"
#include "nautile/cuda_sum.hpp"
#include "nautile/gemm_args.hpp"

namespace nautile::NTL_TARGET {
namespace {

// How the elements of a and b are rounded; sums are floats always. Errors relative to the norm, for k = 4096 and elements
// uniform in [-1, 1]: tf32 3e-4, bf16 2.4e-3, bf16x6 as float32.
enum class Precision : int { tf32, bf16, bf16x6 };

NTL_HOST_DEVICE constexpr int parts_of(Precision p) { return p == Precision::bf16x6 ? 3 : 1; }
NTL_HOST_DEVICE constexpr int bytes_of(Precision p) { return p == Precision::tf32 ? 4 : 2; }

// The products of parts that make up a product, the smallest first.
struct PartProduct {
  int a;
  int b;
};
NTL_HOST_DEVICE constexpr int products_of(Precision p) { return p == Precision::bf16x6 ? 6 : 1; }
NTL_HOST_DEVICE constexpr PartProduct part_product(Precision p, int i) {
  constexpr PartProduct kSix[6] = {{0, 2}, {2, 0}, {1, 1}, {0, 1}, {1, 0}, {0, 0}};
  return kSix[6 - products_of(p) + i];
}

constexpr int kOctet = 8;  // elements that are converted at once: 16 bytes of bf16

// An octet's parts, as they lie in memory: of bf16 two in a word, of tf32 one.
template <Precision kPrecision>
struct Octet {
  static constexpr int kWords = kOctet * bytes_of(kPrecision) / 4;
  std::uint32_t part[parts_of(kPrecision)][kWords];
};

template <Precision kPrecision>
__device__ Octet<kPrecision> split(const float (&x)[kOctet]) {
  Octet<kPrecision> octet;
  if constexpr (kPrecision == Precision::tf32) {
    NTL_UNROLL
    for (int i = 0; i < kOctet; ++i) octet.part[0][i] = cuda::round_tf32(x[i]);
  } else {
    NTL_UNROLL
    for (int i = 0; i < kOctet / 2; ++i) {
      float low = x[2 * i];
      float high = x[2 * i + 1];
      NTL_UNROLL
      for (int part = 0; part < parts_of(kPrecision); ++part) {
        const std::uint32_t pair = cuda::pack_bf16(low, high);
        octet.part[part][i] = pair;
        low -= __uint_as_float(pair << 16);  // exact
        high -= __uint_as_float(pair & 0xffff0000u);
      }
    }
  }
  return octet;
}

// Moves one part to memory aligned to 16 bytes.
template <Precision kPrecision>
__device__ void put_octet(const Octet<kPrecision>& octet, int part, void* to) {
  auto* words = static_cast<uint4*>(to);
  NTL_UNROLL
  for (int i = 0; i < Octet<kPrecision>::kWords / 4; ++i) {
    const std::uint32_t* w = octet.part[part] + 4 * i;
    words[i] = make_uint4(w[0], w[1], w[2], w[3]);
  }
}

// A matrix whose rows are multiplied: element (i, p), i along m or n and p along k, lies at p * along + i * across.
struct OperandRows {
  const float* data;
  std::int64_t batch;
  std::int64_t across;
  std::int64_t along;
  std::int64_t count;  // of rows, of each matrix
  bool fours;          // four neighbours along k may be moved at once
};

inline OperandRows rows_of(const float* data, std::int64_t batch, std::int64_t across, std::int64_t along,
                           std::int64_t count) {
  const bool fours = along == 1 && across % kFour == 0 && batch % kFour == 0 && aligned(data);
  return {data, batch, across, along, count, fours};
}
inline OperandRows rows_of_a(const Gemm& g) { return rows_of(g.a, g.a_batch, g.a_row, g.a_col, g.m); }
inline OperandRows rows_of_b(const Gemm& g) { return rows_of(g.b, g.b_batch, g.b_col, g.b_row, g.n); }

// Elements p, p + 1, ... of row i; zeros where the row is not valid and beyond k.
__device__ inline void load_octet(const OperandRows& x, const float* matrix, std::int64_t i, bool valid, std::int64_t p,
                                  std::int64_t k, float (&to)[kOctet]) {
  const float* from = matrix + i * x.across + p * x.along;
  if (x.fours && valid && p + kOctet <= k) {
    NTL_UNROLL
    for (int e = 0; e < kOctet; e += kFour) {
      const Pack<kFour> four = load<kFour>(from + e);
      NTL_UNROLL
      for (int f = 0; f < kFour; ++f) to[e + f] = four.v[f];
    }
  } else {
    NTL_UNROLL
    for (int e = 0; e < kOctet; ++e) to[e] = valid && p + e < k ? from[e * x.along] : 0.0F;
  }
}

// One element of the product in float32, for those whose parts made no finite one.
__device__ inline float exact_sum(const Gemm& g, std::int64_t matrix, std::int64_t row, std::int64_t col) {
  const float* a = g.a + matrix * g.a_batch + row * g.a_row;
  const float* b = g.b + matrix * g.b_batch + col * g.b_col;
  float total = 0.0F;
  for (std::int64_t begin = 0; begin < g.k; begin += kSumTerms) {
    float sum = 0.0F;
    for (std::int64_t p = begin; p < g.k && p < begin + kSumTerms; ++p) sum = fmaf(a[p * g.a_col], b[p * g.b_row], sum);
    total += sum;
    if (isnan(total)) break;  // and stays it: spares most of the work where all elements are NaN
  }
  return total;
}

// Puts an element of the product at its place in y, with what else belongs there.
__device__ inline void put_product(const Gemm& g, std::int64_t matrix, std::int64_t row, std::int64_t col, float v) {
  float* y = g.y + matrix * g.y_batch + row * g.y_row + col;
  if (g.bias != nullptr) v += g.bias[col];
  *y = g.accumulate ? *y + v : v;
}

// The elements of a thread that `put_two` did not put, a bit each, for `exact_sum`.
using Missing = std::uint64_t;

// Two neighbours, the second perhaps beyond the row; `pairs`: y is aligned for both at once. With kParts, what is not
// finite becomes bit `at` or `at + 1` of missing.
template <bool kParts>
__device__ void put_two(const Gemm& g, std::int64_t matrix, std::int64_t row, std::int64_t col, bool pairs, float first,
                        float second, int at, Missing* missing) {
  if (col >= g.n) return;
  const bool both = col + 1 < g.n;
  const bool first_there = !kParts || isfinite(first);
  const bool second_there = !kParts || isfinite(second);
  if (pairs && both && first_there && second_there && g.bias == nullptr && !g.accumulate) {
    store(g.y + matrix * g.y_batch + row * g.y_row + col, Pack<2>{{first, second}});
    return;
  }
  if (first_there) put_product(g, matrix, row, col, first);
  if (both && second_there) put_product(g, matrix, row, col + 1, second);
  if (!first_there) *missing |= Missing{1} << at;
  if (both && !second_there) *missing |= Missing{2} << at;
}
inline bool in_pairs(const Gemm& g) {
  return g.y_row % 2 == 0 && g.y_batch % 2 == 0 && reinterpret_cast<std::uintptr_t>(g.y) % sizeof(Pack<2>) == 0;
}

// ------------------------------------------------------------------------------------------------ parts in memory

// Where the parts of a matrix go: [batch][part][row][along k, whole slabs], zeros beyond k.
struct Planes {
  OperandRows from;
  std::byte* to;
  std::int64_t k;
  std::int64_t row;  // the length of one in memory
  std::int64_t matrices;
  std::int64_t tiles;  // squares of kSplitTile to convert; 0: nothing to do
};
constexpr int kSplitTile = 64;

// The length of a row of a plane.
inline std::int64_t plane_row(std::int64_t k) { return ceil_div(k, kSplitTile) * kSplitTile; }

inline std::int64_t plane_bytes(Precision p, std::int64_t matrices, std::int64_t rows, std::int64_t k) {
  return matrices * parts_of(p) * rows * plane_row(k) * bytes_of(p);
}

constexpr int kTurnedRow = kSplitTile + 1;  // moves neighbours to other banks

// Converts a square of 64 rows by 64 along k; rows that do not follow k are turned in shared memory.
template <Precision kPrecision>
__device__ void split_square(const Planes& planes, std::int64_t tile, float (*turned)[kTurnedRow]) {
  constexpr int kOctets = kSplitTile / kOctet;
  const OperandRows& x = planes.from;
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t k = planes.k;
  const std::int64_t slabs = planes.row / kSplitTile;
  const std::int64_t down = ceil_div(x.count, kSplitTile);
  const std::int64_t matrix = tile / (slabs * down);
  const std::int64_t top = tile / slabs % down * kSplitTile;
  const std::int64_t left = tile % slabs * kSplitTile;
  const float* from = x.data + matrix * x.batch;
  const bool turn = x.along != 1;
  if (turn) {
    NTL_UNROLL
    for (int i = thread; i < kSplitTile * kSplitTile; i += kThreads) {
      const std::int64_t row = top + i % kSplitTile;
      const std::int64_t p = left + i / kSplitTile;
      turned[i / kSplitTile][i % kSplitTile] = row < x.count && p < k ? from[row * x.across + p * x.along] : 0.0F;
    }
    __syncthreads();
  }
  NTL_UNROLL
  for (int i = thread; i < kSplitTile * kOctets; i += kThreads) {
    const int row = i / kOctets;
    const int p = i % kOctets * kOctet;
    float v[kOctet];
    if (turn) {
      NTL_UNROLL
      for (int e = 0; e < kOctet; ++e) v[e] = turned[p + e][row];
    } else {
      load_octet(x, from, top + row, top + row < x.count, left + p, k, v);
    }
    if (top + row < x.count) {
      const Octet<kPrecision> octet = split<kPrecision>(v);
      NTL_UNROLL
      for (int part = 0; part < parts_of(kPrecision); ++part) {
        const std::int64_t plane = matrix * parts_of(kPrecision) + part;
        const std::int64_t place = (plane * x.count + top + row) * planes.row + left + p;
        put_octet<kPrecision>(octet, part, planes.to + place * bytes_of(kPrecision));
      }
    }
  }
  if (turn) __syncthreads();  // the square has been read
}

// Converts a and b. grid: the squares of a, then those of b. Shared memory: 17 KiB. Bound by memory: 4 bytes read and 2 or
// 4 written for each part.
template <Precision kPrecision>
__global__ void __launch_bounds__(kThreads) split_by_square(Planes a, Planes b) {
  NTL_SHARED(float, turned, [kSplitTile][kTurnedRow]);  // [along k][row]
  for (std::int64_t t = blockIdx.x; t < a.tiles + b.tiles; t += gridDim.x) {
    if (t < a.tiles) {
      split_square<kPrecision>(a, t, turned);
    } else {
      split_square<kPrecision>(b, t - a.tiles, turned);
    }
  }
}

// Matrices that a batch repeats are converted once.
inline std::int64_t matrices_of(const OperandRows& x, std::int64_t batch) { return x.batch == 0 ? 1 : batch; }

inline Planes planes_of(const OperandRows& x, std::int64_t batch, std::int64_t k, std::byte* to) {
  const std::int64_t matrices = matrices_of(x, batch);
  return {x, to, k, plane_row(k), matrices, matrices * ceil_div(x.count, kSplitTile) * ceil_div(k, kSplitTile)};
}

template <Precision kPrecision>
void split_planes(const Planes& a, const Planes& b, const Team& team) {
  NTL_LAUNCH((split_by_square<kPrecision>), blocks_for(a.tiles + b.tiles, 1), dim3(kThreads), 0, stream_of(team), a, b);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
