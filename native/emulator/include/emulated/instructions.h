// The emulated twins of special instructions; nautile/cuda.hpp wraps both.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "emulated/thread.h"
#include "emulated/warp.h"

namespace emulated {

// cp.async. The copy happens when the thread waits for it, so that a missing wait shows as stale data. The addresses
// are touched here as well, so that a sanitizer names the line of the kernel.
inline void issue_copy(void* to, const void* from, std::size_t bytes, bool valid, Place place) {
  if (reinterpret_cast<std::uintptr_t>(to) % bytes != 0) fail(place, "cp.async to a misaligned shared address");
  if (valid && reinterpret_cast<std::uintptr_t>(from) % bytes != 0) fail(place, "cp.async from a misaligned address");
  for (std::size_t i = 0; i < bytes; ++i) {
    if (valid) static_cast<void>(static_cast<const volatile std::byte*>(from)[i]);
    static_cast<void>(static_cast<const volatile std::byte*>(to)[i]);
  }
  current.thread->queue->copies.push_back({to, valid ? from : nullptr, bytes});
}

inline void commit_copies() {
  CopyQueue& queue = *current.thread->queue;
  queue.groups.push_back(queue.copies.size());
}

// Waits for all but the newest `pending` groups.
inline void wait_copies(std::size_t pending) {
  CopyQueue& queue = *current.thread->queue;
  if (queue.groups.size() <= pending) return;
  const std::size_t groups = queue.groups.size() - pending;
  const std::size_t done = queue.groups[groups - 1];
  for (std::size_t i = 0; i < done; ++i) {
    const AsyncCopy& copy = queue.copies[i];
    auto* to = static_cast<volatile std::byte*>(copy.to);
    const auto* from = static_cast<const volatile std::byte*>(copy.from);
    for (std::size_t byte = 0; byte < copy.bytes; ++byte) to[byte] = from != nullptr ? from[byte] : std::byte{0};
  }
  queue.copies.erase(queue.copies.begin(), queue.copies.begin() + static_cast<std::ptrdiff_t>(done));
  queue.groups.erase(queue.groups.begin(), queue.groups.begin() + static_cast<std::ptrdiff_t>(groups));
  for (std::size_t& end : queue.groups) end -= done;
}

// One lane's registers of a matrix product D = A * B + C with A 16 x K, B K x 8, in the layout of PTX's mma.m16n8kK:
// groupID = lane / 4 is a row of A and D, and a column of B; lane % 4 counts along K, or along the columns of D.
struct Fragments {
  std::uint32_t a[4];
  std::uint32_t b[2];
  float c[4];
  float d[4];
};

// Row and column of element i of a lane's C and D.
constexpr int accumulator_row(int lane, int i) { return lane / 4 + 8 * (i / 2); }
constexpr int accumulator_column(int lane, int i) { return lane % 4 * 2 + i % 2; }

template <int K, typename A, typename B>
EMULATED_UNSEEN_BY_TSAN void multiply_fragments(void* const lanes[32], A a, B b) {
  float left[16][K];
  float right[K][8];
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < K; ++k) left[i][k] = a(lanes, i, k);
  }
  for (int k = 0; k < K; ++k) {
    for (int j = 0; j < 8; ++j) right[k][j] = b(lanes, k, j);
  }
  for (int lane = 0; lane < 32; ++lane) {
    auto& mine = *static_cast<Fragments*>(lanes[lane]);
    for (int i = 0; i < 4; ++i) {
      float sum = mine.c[i];
      for (int k = 0; k < K; ++k) sum += left[accumulator_row(lane, i)][k] * right[k][accumulator_column(lane, i)];
      mine.d[i] = sum;
    }
  }
}

// bf16 pairs: the register holds k = 2t (low half) and 2t + 1; registers 2, 3 of A and 1 of B are 8 further along K.
EMULATED_UNSEEN_BY_TSAN inline float bf16_half(std::uint32_t pair, int half) {
  return std::bit_cast<float>(half != 0 ? pair & 0xffff0000u : pair << 16);
}
EMULATED_UNSEEN_BY_TSAN inline float bf16_a(void* const lanes[32], int row, int k) {
  const auto& owner = *static_cast<Fragments*>(lanes[row % 8 * 4 + k % 8 / 2]);
  return bf16_half(owner.a[row / 8 + 2 * (k / 8)], k % 2);
}
EMULATED_UNSEEN_BY_TSAN inline float bf16_b(void* const lanes[32], int k, int column) {
  const auto& owner = *static_cast<Fragments*>(lanes[column * 4 + k % 8 / 2]);
  return bf16_half(owner.b[k / 8], k % 2);
}
inline void combine_bf16(void* const lanes[32]) { multiply_fragments<16>(lanes, bf16_a, bf16_b); }

// TF32: one number a register, whose 13 low bits the hardware ignores.
EMULATED_UNSEEN_BY_TSAN inline float tf32_a(void* const lanes[32], int row, int k) {
  const auto& owner = *static_cast<Fragments*>(lanes[row % 8 * 4 + k % 4]);
  return std::bit_cast<float>(owner.a[row / 8 + 2 * (k / 4)] & 0xffffe000u);
}
EMULATED_UNSEEN_BY_TSAN inline float tf32_b(void* const lanes[32], int k, int column) {
  const auto& owner = *static_cast<Fragments*>(lanes[column * 4 + k % 4]);
  return std::bit_cast<float>(owner.b[k / 4] & 0xffffe000u);
}
inline void combine_tf32(void* const lanes[32]) { multiply_fragments<8>(lanes, tf32_a, tf32_b); }

inline void multiply(float d[4], const std::uint32_t a[4], const std::uint32_t b[2], const float c[4], Combine combine,
                     Place place) {
  Fragments mine{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}, {c[0], c[1], c[2], c[3]}, {}};
  warp_operation(0xffffffffu, place, &mine, combine, false);
  for (int i = 0; i < 4; ++i) d[i] = mine.d[i];
}

// ldmatrix: lanes 8i to 8i+7 pass the addresses of the 8 rows (16 bytes each) of 8 x 8 matrix i. Lane l gets, of each
// matrix, the 32 bits at row l / 4, column pair l % 4; transposed: the 16-bit elements (2(l % 4), l / 4) and one row on.
struct MatrixLoad {
  const std::uint16_t* row;
  std::uint32_t result[4];
};
EMULATED_UNSEEN_BY_TSAN inline std::uint32_t matrix_element(void* const lanes[32], int matrix, int row, int column) {
  return static_cast<MatrixLoad*>(lanes[8 * matrix + row])->row[column];
}
template <int N, bool Transposed>
EMULATED_UNSEEN_BY_TSAN void combine_load(void* const lanes[32]) {
  for (int lane = 0; lane < 32; ++lane) {
    const int major = lane / 4;
    const int minor = lane % 4 * 2;
    for (int i = 0; i < N; ++i) {
      const std::uint32_t low =
          Transposed ? matrix_element(lanes, i, minor, major) : matrix_element(lanes, i, major, minor);
      const std::uint32_t high =
          Transposed ? matrix_element(lanes, i, minor + 1, major) : matrix_element(lanes, i, major, minor + 1);
      static_cast<MatrixLoad*>(lanes[lane])->result[i] = low | high << 16;
    }
  }
}
template <int N, bool Transposed>
void load_matrices(std::uint32_t* registers, const void* row, Place place) {
  MatrixLoad mine{static_cast<const std::uint16_t*>(row), {}};
  if (lane() < 8 * N) {
    if (reinterpret_cast<std::uintptr_t>(row) % 16 != 0) fail(place, "ldmatrix from a misaligned shared address");
    for (int i = 0; i < 8; ++i) static_cast<void>(static_cast<const volatile std::uint16_t*>(mine.row)[i]);
  }
  warp_operation(0xffffffffu, place, &mine, &combine_load<N, Transposed>, false);
  for (int i = 0; i < N; ++i) registers[i] = mine.result[i];
}

}  // namespace emulated
