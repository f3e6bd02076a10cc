#include "nautile/copy.hpp"

#include <utility>

#include "nautile/cuda_grid.hpp"

// Three ways, all bound by memory. A single run on both sides: one thread for 16 bytes. A transpose: squares of 32 x 32
// elements through shared memory, so that both sides are read and written along their runs. All else: one thread an element.

namespace nautile::NTL_TARGET {
namespace {

constexpr int kTile = 32;
constexpr int kTileRows = kThreads / kTile;  // that a block moves at a time

struct alignas(16) Wide {
  std::uint64_t half[2];
};

// y[i] = x[i] for `count` words, then for the elements of a tail shorter than a word.
template <typename Word, typename T>
__global__ void __launch_bounds__(kThreads)
    copy_forward_by_word(const Word* x, Word* y, std::int64_t count, std::int64_t tail) {
  for_items(count, [&](std::int64_t i) { y[i] = x[i]; });
  const auto* x_tail = reinterpret_cast<const T*>(x + count);
  auto* y_tail = reinterpret_cast<T*>(y + count);
  for_items(tail, [&](std::int64_t i) { y_tail[i] = x_tail[i]; });
}

template <int kPack>
__global__ void __launch_bounds__(kThreads) copy_accumulate_by_pack(const float* x, float* y, std::int64_t size) {
  for_packs<kPack>(size, [&](std::int64_t i, auto count) {
    auto v = load<count.value>(y + i);
    const auto more = load<count.value>(x + i);
    NTL_UNROLL
    for (int k = 0; k < count.value; ++k) v.v[k] += more.v[k];
    store(y + i, v);
  });
}

template <bool kAccumulate, typename T>
__device__ void put(T* y, T value) {
  if constexpr (kAccumulate) {
    *y += value;
  } else {
    *y = value;
  }
}

template <typename T, bool kAccumulate, typename Index>
__global__ void __launch_bounds__(kThreads) copy_forward_by_element(CopyForward f) {
  const auto* x = reinterpret_cast<const T*>(f.x);
  auto* y = reinterpret_cast<T*>(f.y);
  const auto n1 = static_cast<Index>(f.extents[1]);
  const auto n2 = static_cast<Index>(f.extents[2]);
  const auto n3 = static_cast<Index>(f.extents[3]);
  const std::int64_t* sx = f.x_strides;
  const std::int64_t* sy = f.y_strides;
  for_items(static_cast<Index>(f.extents[0]) * n1 * n2 * n3, [&](Index i) {
    const Index row = i / n3;
    const Index plane = row / n2;
    const auto i3 = static_cast<std::int64_t>(i - row * n3);
    const auto i2 = static_cast<std::int64_t>(row - plane * n2);
    const auto i1 = static_cast<std::int64_t>(plane % n1);
    const auto i0 = static_cast<std::int64_t>(plane / n1);
    put<kAccumulate>(y + i0 * sy[0] + i1 * sy[1] + i2 * sy[2] + i3 * sy[3],
                     x[i0 * sx[0] + i1 * sx[1] + i2 * sx[2] + i3 * sx[3]]);
  });
}

// x's runs are along axis 2, y's along axis 3. A block takes square after square.
template <typename T, bool kAccumulate>
__global__ void __launch_bounds__(kThreads) copy_forward_by_square(CopyForward f) {
  NTL_SHARED(T, square, [kTile][kTile + 1]);  // one more: neither rows nor columns meet in a bank
  const std::int64_t down = ceil_div(f.extents[2], kTile);
  const std::int64_t across = ceil_div(f.extents[3], kTile);
  const std::int64_t squares = f.extents[0] * f.extents[1] * down * across;
  const int lane = static_cast<int>(threadIdx.x) % kTile;
  const int first = static_cast<int>(threadIdx.x) / kTile;
  for (std::int64_t s = blockIdx.x; s < squares; s += gridDim.x) {
    const std::int64_t plane = s / (down * across);
    const std::int64_t i0 = plane / f.extents[1];
    const std::int64_t i1 = plane % f.extents[1];
    const std::int64_t i2 = s / across % down * kTile;
    const std::int64_t i3 = s % across * kTile;
    const auto* x = reinterpret_cast<const T*>(f.x) + i0 * f.x_strides[0] + i1 * f.x_strides[1] +
                    (i2 + lane) * f.x_strides[2] + (i3 + first) * f.x_strides[3];
    for (int turn = 0; turn < kTile; turn += kTileRows) {
      if (i2 + lane < f.extents[2] && i3 + first + turn < f.extents[3]) square[lane][first + turn] = *x;
      x += kTileRows * f.x_strides[3];
    }
    __syncthreads();
    auto* y = reinterpret_cast<T*>(f.y) + i0 * f.y_strides[0] + i1 * f.y_strides[1] + (i2 + first) * f.y_strides[2] +
              (i3 + lane) * f.y_strides[3];
    for (int turn = 0; turn < kTile; turn += kTileRows) {
      if (i2 + first + turn < f.extents[2] && i3 + lane < f.extents[3]) put<kAccumulate>(y, square[first + turn][lane]);
      y += kTileRows * f.y_strides[2];
    }
    __syncthreads();  // before the next square is written
  }
}

// A single run on both sides.
template <typename T, bool kAccumulate>
void copy_run(const CopyForward& f, const Team& team) {
  const std::int64_t size = f.extents[3];
  const auto* x = reinterpret_cast<const T*>(f.x);
  auto* y = reinterpret_cast<T*>(f.y);
  const bool wide = aligned(f.x, f.y);
  const dim3 threads(kThreads);
  if constexpr (kAccumulate) {
    if (wide) {
      NTL_LAUNCH((copy_accumulate_by_pack<kFour>), blocks_for_packs(size, kFour), threads, 0, stream_of(team), x, y,
                 size);
    } else {
      NTL_LAUNCH((copy_accumulate_by_pack<1>), blocks_for_packs(size, 1), threads, 0, stream_of(team), x, y, size);
    }
  } else if (wide) {
    constexpr std::int64_t kElements = sizeof(Wide) / sizeof(T);
    NTL_LAUNCH((copy_forward_by_word<Wide, T>), blocks_for_packs(size, kElements), threads, 0, stream_of(team),
               reinterpret_cast<const Wide*>(x), reinterpret_cast<Wide*>(y), size / kElements, size % kElements);
  } else {
    NTL_LAUNCH((copy_forward_by_word<T, T>), blocks_for_packs(size, 1), threads, 0, stream_of(team), x, y, size,
               std::int64_t{0});
  }
}

std::int64_t magnitude(std::int64_t stride) { return stride < 0 ? -stride : stride; }

template <typename T, bool kAccumulate>
void copy(CopyForward f, const Team& team) {
  const std::int64_t planes = f.extents[0] * f.extents[1];
  const std::int64_t size = planes * f.extents[2] * f.extents[3];
  if (planes * f.extents[2] == 1 && f.x_strides[3] == 1 && f.y_strides[3] == 1)
    return copy_run<T, kAccumulate>(f, team);
  const bool matrices = f.extents[2] > 1 && f.extents[3] > 1;
  if (matrices && magnitude(f.y_strides[2]) < magnitude(f.y_strides[3])) {  // y's runs shall be along axis 3
    std::swap(f.extents[2], f.extents[3]);
    std::swap(f.x_strides[2], f.x_strides[3]);
    std::swap(f.y_strides[2], f.y_strides[3]);
  }
  const dim3 threads(kThreads);
  if (matrices && magnitude(f.x_strides[2]) < magnitude(f.x_strides[3])) {
    const std::int64_t squares = planes * ceil_div(f.extents[2], kTile) * ceil_div(f.extents[3], kTile);
    NTL_LAUNCH((copy_forward_by_square<T, kAccumulate>), blocks_for(squares, 1), threads, 0, stream_of(team), f);
  } else if (short_index(size)) {
    NTL_LAUNCH((copy_forward_by_element<T, kAccumulate, std::uint32_t>), blocks_for_packs(size, 1), threads, 0,
               stream_of(team), f);
  } else {
    NTL_LAUNCH((copy_forward_by_element<T, kAccumulate, std::int64_t>), blocks_for_packs(size, 1), threads, 0,
               stream_of(team), f);
  }
}

}  // namespace

void copy_forward(const CopyForward& f, std::byte*, const Team& team) {
  if (f.accumulate) return copy<float, true>(f, team);
  switch (f.element_size) {
    case 1: return copy<std::uint8_t, false>(f, team);
    case 4: return copy<std::uint32_t, false>(f, team);
    default: return copy<std::uint64_t, false>(f, team);
  }
}

}  // namespace nautile::NTL_TARGET
