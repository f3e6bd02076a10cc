// The matrix product y = a b for any strides of a and b, on the tensor cores of sm_80 and later (mma).
//
// y is cut into squares of 128 x 128; a block computes one over all of k, its 8 warps 64 x 32 each. The elements of a slab,
// 32 along k, are read into registers while the slab before is multiplied, then converted to tf32 or split into parts of
// bf16 (cuda_split.hpp), and put to shared memory as rows along k, whatever their order in a and b.
//
// With parts, 16 terms start from zero, the small products first, and are added to a float: mma rounds its sums towards
// zero, so they must be short. The order of a sum depends on k alone. No op asks for parts here: that is the sibling of
// cuda_wgmma_gemm.hpp that the emulator's tests run.
#pragma once

#include "nautile/cuda_split.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kMmaSide = 128;    // of a square
constexpr int kMmaDepth = 32;    // of a slab
constexpr int kMmaOctets = 2;    // of each operand's slab that a thread converts
constexpr int kMmaRowTiles = 4;  // of 16 rows, of a warp
constexpr int kMmaColTiles = 4;  // of 8 columns
constexpr int kMmaStep = 32;     // bytes along k of one mma

template <Precision kPrecision>
struct MmaSlab {
  static constexpr int kParts = parts_of(kPrecision);
  static constexpr int kRow = kMmaDepth * bytes_of(kPrecision) + 16;  // moves neighbours to other banks
  static constexpr int kPart = kMmaSide * kRow;
  static constexpr int kOperand = kParts * kPart;
  static constexpr int kBytes = 2 * kOperand;
};

// The octets of an operand that a thread moves: neighbouring threads follow the order of the elements in memory.
struct MmaOctets {
  OperandRows x;
  const float* matrix;
  std::int64_t top;
  int row[kMmaOctets];
  int place[kMmaOctets];

  __device__ MmaOctets(const OperandRows& rows, std::int64_t matrix_index, std::int64_t first_row)
      : x(rows), matrix(rows.data + (matrix_index * rows.batch + first_row * rows.across)), top(first_row) {
    constexpr int kAlong = kMmaDepth / kOctet;
    NTL_UNROLL
    for (int i = 0; i < kMmaOctets; ++i) {
      const int index = static_cast<int>(threadIdx.x) + i * kThreads;
      row[i] = x.along == 1 ? index / kAlong : index % kMmaSide;
      place[i] = x.along == 1 ? index % kAlong : index / kMmaSide;
    }
  }

  __device__ void read(std::int64_t begin, std::int64_t k, float (&v)[kMmaOctets][kOctet]) const {
    NTL_UNROLL
    for (int i = 0; i < kMmaOctets; ++i) {
      load_octet(x, matrix, row[i], top + row[i] < x.count, begin + place[i] * kOctet, k, v[i]);
    }
  }

  template <Precision kPrecision>
  __device__ void put(const float (&v)[kMmaOctets][kOctet], unsigned char* to) const {
    using Slab = MmaSlab<kPrecision>;
    NTL_UNROLL
    for (int i = 0; i < kMmaOctets; ++i) {
      const Octet<kPrecision> octet = split<kPrecision>(v[i]);
      NTL_UNROLL
      for (int part = 0; part < Slab::kParts; ++part) {
        put_octet<kPrecision>(octet, part,
                              to + part * Slab::kPart + row[i] * Slab::kRow + place[i] * kOctet * bytes_of(kPrecision));
      }
    }
  }
};

template <Precision kPrecision>
__device__ void mma(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t* b, const float (&c)[4]) {
  if constexpr (kPrecision == Precision::tf32) {
    cuda::mma_m16n8k8_tf32(d, a, b, c);
  } else {
    cuda::mma_m16n8k16_bf16(d, a, b, c);
  }
}

// A warp's 64 x 32 of a slab's product, added to sum. The first rows of both operands' part 0 in shared memory are the
// warp's.
template <Precision kPrecision>
__device__ void multiply_slab(const unsigned char* a, const unsigned char* b,
                              float (&sum)[kMmaRowTiles][kMmaColTiles][4]) {
  using Slab = MmaSlab<kPrecision>;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  // The matrices of an ldmatrix: of a, upper rows, lower rows, then the same further along k; of b, along k first.
  const unsigned char* a_row = a + (lane % 16) * Slab::kRow + lane / 16 * 16;
  const unsigned char* b_row = b + (lane % 8 + lane / 16 * 8) * Slab::kRow + lane / 8 % 2 * 16;
  NTL_UNROLL_BY(1)  // by more, fragments take registers from the sums
  for (int step = 0; step < kMmaDepth * bytes_of(kPrecision); step += kMmaStep) {
    std::uint32_t right[Slab::kParts][kMmaColTiles][2];
    NTL_UNROLL
    for (int part = 0; part < Slab::kParts; ++part) {
      NTL_UNROLL
      for (int j = 0; j < kMmaColTiles; j += 2) {
        std::uint32_t two[4];
        cuda::ldmatrix_x4(two, b_row + part * Slab::kPart + j * 8 * Slab::kRow + step);
        NTL_UNROLL
        for (int r = 0; r < 4; ++r) right[part][j + r / 2][r % 2] = two[r];
      }
    }
    NTL_UNROLL
    for (int i = 0; i < kMmaRowTiles; ++i) {
      std::uint32_t left[Slab::kParts][4];
      NTL_UNROLL
      for (int part = 0; part < Slab::kParts; ++part) {
        cuda::ldmatrix_x4(left[part], a_row + part * Slab::kPart + i * 16 * Slab::kRow + step);
      }
      if constexpr (Slab::kParts == 1) {
        NTL_UNROLL
        for (int j = 0; j < kMmaColTiles; ++j) mma<kPrecision>(sum[i][j], left[0], right[0][j], sum[i][j]);
      } else {
        float few[kMmaColTiles][4] = {};
        NTL_UNROLL
        for (int q = 0; q < products_of(kPrecision); ++q) {
          const PartProduct parts = part_product(kPrecision, q);
          NTL_UNROLL
          for (int j = 0; j < kMmaColTiles; ++j) {
            mma<kPrecision>(few[j], left[parts.a], right[parts.b][j], few[j]);
          }
        }
        NTL_UNROLL
        for (int j = 0; j < kMmaColTiles; ++j) {
          NTL_UNROLL
          for (int e = 0; e < 4; ++e) sum[i][j][e] += few[j][e];
        }
      }
    }
  }
}

// grid: the squares of all matrices, row by row. Block: kThreads. Shared memory: kStages times 20 KiB (bf16), 36 (tf32) or
// 60 (bf16x6).
template <Precision kPrecision, int kStages>
__global__ void __launch_bounds__(kThreads, 1)
    gemm_by_mma(Gemm g, OperandRows a, OperandRows b, std::int64_t down, std::int64_t across, bool pairs) {
  using Slab = MmaSlab<kPrecision>;
  NTL_DYNAMIC_SHARED(unsigned char, shared);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_row = warp / 4 * 16 * kMmaRowTiles;
  const int warp_col = warp % 4 * 8 * kMmaColTiles;
  const std::int64_t slabs = ceil_div(g.k, kMmaDepth);
  for (std::int64_t s = blockIdx.x; s < g.batch * down * across; s += gridDim.x) {
    const std::int64_t matrix = s / (down * across);
    const std::int64_t top = s / across % down * kMmaSide;
    const std::int64_t left = s % across * kMmaSide;
    const MmaOctets a_octets(a, matrix, top);
    const MmaOctets b_octets(b, matrix, left);
    float a_next[kMmaOctets][kOctet];
    float b_next[kMmaOctets][kOctet];
    float sum[kMmaRowTiles][kMmaColTiles][4] = {};
    if (slabs > 0) {
      a_octets.read(0, g.k, a_next);
      b_octets.read(0, g.k, b_next);
    }
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      unsigned char* stage = shared + slab % kStages * Slab::kBytes;
      if (kStages == 1) __syncthreads();  // the slab before has been read
      a_octets.template put<kPrecision>(a_next, stage);
      b_octets.template put<kPrecision>(b_next, stage + Slab::kOperand);
      __syncthreads();
      if (slab + 1 < slabs) {
        a_octets.read((slab + 1) * kMmaDepth, g.k, a_next);
        b_octets.read((slab + 1) * kMmaDepth, g.k, b_next);
      }
      multiply_slab<kPrecision>(stage + warp_row * Slab::kRow, stage + Slab::kOperand + warp_col * Slab::kRow, sum);
    }
    const auto row_of = [&](int i) { return top + warp_row + i / 2 * 16 + i % 2 * 8 + lane / 4; };
    const auto col_of = [&](int j) { return left + warp_col + j * 8 + lane % 4 * 2; };
    Missing missing = 0;
    NTL_UNROLL
    for (int i = 0; i < 2 * kMmaRowTiles; ++i) {
      NTL_UNROLL
      for (int j = 0; j < kMmaColTiles; ++j) {
        const float* two = sum[i / 2][j] + i % 2 * 2;
        if (row_of(i) < g.m) {
          put_two<(Slab::kParts > 1)>(g, matrix, row_of(i), col_of(j), pairs, two[0], two[1],
                                      2 * (i * kMmaColTiles + j), &missing);
        }
      }
    }
    for (int at = 0; missing != 0; ++at, missing >>= 1) {
      if ((missing & 1) == 0) continue;
      const std::int64_t row = row_of(at / 2 / kMmaColTiles);
      const std::int64_t col = col_of(at / 2 % kMmaColTiles) + at % 2;
      put_product(g, matrix, row, col, exact_sum(g, matrix, row, col));
    }
    __syncthreads();  // the slabs are written again for the next square
  }
}

template <Precision kPrecision, int kStages>
void gemm_by_mma_in_stages(const Gemm& g, const Team& team) {
  constexpr int kShared = kStages * MmaSlab<kPrecision>::kBytes;
  const std::int64_t down = ceil_div(g.m, kMmaSide);
  const std::int64_t across = ceil_div(g.n, kMmaSide);
  static_cast<void>(allow_shared(&gemm_by_mma<kPrecision, kStages>, kShared));  // the launch tells
  NTL_LAUNCH((gemm_by_mma<kPrecision, kStages>), blocks_for(g.batch * down * across, 1), dim3(kThreads), kShared,
             stream_of(team), g, rows_of_a(g), rows_of_b(g), down, across, in_pairs(g));
}

// One stage where two would take more than the 99 KiB that every GPU since sm_80 has.
template <Precision kPrecision>
void gemm_by_mma_in(const Gemm& g, const Team& team) {
  gemm_by_mma_in_stages<kPrecision, kPrecision == Precision::bf16x6 ? 1 : 2>(g, team);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
