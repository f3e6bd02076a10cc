#include "nautile/copy.hpp"

#include <cstring>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Rows and columns of a transpose are taken in squares: both sides then stay in the first-level cache.
constexpr std::int64_t kTile = 32;

// A matrix inside the four loops: rows along axis 2, columns along axis 3.
struct Plane {
  const std::byte* x;
  std::byte* y;
};

template <typename T>
T get(const std::byte* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <typename T, bool kAccumulate>
void copy_rows(const CopyForward& f, Plane plane, std::int64_t row, std::int64_t row_end, std::int64_t col,
               std::int64_t col_end) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
  const std::int64_t x2 = f.x_strides[2] * kSize;
  const std::int64_t x3 = f.x_strides[3] * kSize;
  const std::int64_t y2 = f.y_strides[2] * kSize;
  const std::int64_t y3 = f.y_strides[3] * kSize;
  if (x3 == kSize && y3 == kSize) {
    for (std::int64_t r = row; r < row_end; ++r) {
      const std::byte* x = plane.x + r * x2 + col * kSize;
      std::byte* y = plane.y + r * y2 + col * kSize;
      if constexpr (kAccumulate) {
        const auto* from = reinterpret_cast<const float*>(x);
        auto* to = reinterpret_cast<float*>(y);
        for_vectors(col_end - col, [&](std::int64_t i, std::int64_t n) {
          if (n == kLanes) {
            store(to + i, load(to + i) + load(from + i));
          } else {
            store(to + i, load(to + i, n) + load(from + i, n), n);
          }
        });
      } else {
        std::memcpy(y, x, static_cast<std::size_t>((col_end - col) * kSize));
      }
    }
    return;
  }
  for (std::int64_t c0 = col; c0 < col_end; c0 += kTile) {
    const std::int64_t c1 = c0 + kTile < col_end ? c0 + kTile : col_end;
    for (std::int64_t r = row; r < row_end; ++r) {
      for (std::int64_t c = c0; c < c1; ++c) {
        T value = get<T>(plane.x + r * x2 + c * x3);
        std::byte* y = plane.y + r * y2 + c * y3;
        if constexpr (kAccumulate) value += get<T>(y);
        std::memcpy(y, &value, sizeof value);
      }
    }
  }
}

template <typename T, bool kAccumulate>
void copy(const CopyForward& f, const Team& team) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
  const std::int64_t rows = f.extents[2];
  const std::int64_t cols = f.extents[3];
  const std::int64_t planes = f.extents[0] * f.extents[1];
  const auto plane = [&](std::int64_t p) {
    const std::int64_t i = p / f.extents[1];
    const std::int64_t j = p % f.extents[1];
    return Plane{f.x + (i * f.x_strides[0] + j * f.x_strides[1]) * kSize,
                 f.y + (i * f.y_strides[0] + j * f.y_strides[1]) * kSize};
  };
  if (planes * rows == 1) {  // one long row
    for_chunks(team, cols, [&](std::int64_t begin, std::int64_t count) {
      copy_rows<T, kAccumulate>(f, plane(0), 0, 1, begin, begin + count);
    });
    return;
  }
  // bands of kTile rows, dealt out in order
  const std::int64_t bands = ceil_div(rows, kTile);
  for_tasks(team, planes * bands, [&](std::int64_t task) {
    const std::int64_t row = task % bands * kTile;
    copy_rows<T, kAccumulate>(f, plane(task / bands), row, row + kTile < rows ? row + kTile : rows, 0, cols);
  });
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

#include "nautile/target_end.hpp"
