// A single row a of a product, y[0..cols) (+)= a b over one part of k, without packing: each element of b is wanted once. Included
// after gemm_plan.hpp.
namespace nautile::NTL_TARGET {
namespace {

// b with contiguous columns: at most kLanes dot products at a time, each summed by lanes.
inline void multiply_row_by_columns(const float* a, const float* b, std::int64_t b_col, std::int64_t cols,
                                    std::int64_t depth, float* y, const float* bias, bool add) {
  const float* column[kLanes];
  for (std::int64_t i = 0; i < kLanes; ++i) column[i] = b + least(i, cols - 1) * b_col;
  Vec total[kLanes] = {};
  for_vectors(depth, [&](std::int64_t p, std::int64_t n) {
    if (n == kLanes) {
      const Vec x = load(a + p);
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kLanes; ++i) total[i] += x * load(column[i] + p);
    } else {
      const Vec x = load(a + p, n);
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kLanes; ++i) total[i] += x * load(column[i] + p, n);
    }
  });
  transpose(total);
#pragma GCC unroll 4
  for (std::int64_t half = kLanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (std::int64_t i = 0; i < half; ++i) total[i] += total[i + half];
  }
  Vec v = total[0];
  if (add) v += load(y, cols);
  if (bias != nullptr) v += load(bias, cols);
  store(y, v, cols);
}

// b with contiguous rows: read row after row, as memory likes it, four at a time; `sums` holds cols floats. The order of a
// sum, and so its bits, are those of the micro-kernel.
inline void multiply_row_by_rows(const float* a, std::int64_t a_col, const float* b, std::int64_t b_row,
                                 std::int64_t cols, std::int64_t depth, float* sums, float* y, const float* bias,
                                 bool add) {
  std::memset(sums, 0, static_cast<std::size_t>(cols) * sizeof(float));
  constexpr std::int64_t kRowsOfB = 4;
  for (std::int64_t p = 0; p < depth; p += kRowsOfB) {
    Vec x[kRowsOfB];
    const float* row[kRowsOfB];
    for (std::int64_t i = 0; i < kRowsOfB; ++i) {
      const std::int64_t q = least(p + i, depth - 1);
      x[i] = p + i < depth ? splat(a[q * a_col]) : Vec{};
      row[i] = b + q * b_row;
    }
    std::int64_t j = 0;
    for (; j + kLineFloats <= cols && p + kRowsOfB <= depth; j += kLineFloats) {
#pragma GCC unroll 4
      for (std::int64_t i = 0; i < kRowsOfB; ++i) __builtin_prefetch(row[i] + kRowsOfB * b_row + j);
#pragma GCC unroll 4
      for (std::int64_t v = j; v < j + kLineFloats; v += kLanes) {
        Vec s = load(sums + v);
#pragma GCC unroll 4
        for (std::int64_t i = 0; i < kRowsOfB; ++i) s += x[i] * load(row[i] + v);
        store(sums + v, s);
      }
    }
    for (; j < cols; j += kLanes) {
      const std::int64_t n = least(kLanes, cols - j);
      Vec s = load(sums + j, n);
      for (std::int64_t i = 0; i < least(kRowsOfB, depth - p); ++i) s += x[i] * load(row[i] + j, n);
      store(sums + j, s, n);
    }
  }
  for (std::int64_t j = 0; j < cols; ++j) {
    y[j] = sums[j] + (add ? y[j] : 0.0F) + (bias != nullptr ? bias[j] : 0.0F);
  }
}

// Panels of b, four side by side: the order of a sum is that of the micro-kernel here, too.
inline void multiply_row_by_panels(const float* a, std::int64_t a_col, const float* panels, std::int64_t cols,
                                   std::int64_t depth, float* y, const float* bias, bool add) {
  constexpr std::int64_t kPanels = 4;
  const auto some = [&](auto count, std::int64_t j) {
    constexpr std::int64_t kVectors = count.value * kCols / kLanes;
    const float* b = panels + j * depth;
    Vec sum[kVectors] = {};
    for (std::int64_t p = 0; p < depth; ++p, b += kCols) {
      const Vec x = splat(a[p * a_col]);
#pragma GCC unroll 8
      for (std::int64_t v = 0; v < kVectors; ++v) sum[v] += x * load(b + v / 2 * kCols * depth + v % 2 * kLanes);
    }
    for (std::int64_t v = 0; v < kVectors && j + v * kLanes < cols; ++v) {
      const std::int64_t at = j + v * kLanes;
      const std::int64_t n = least(kLanes, cols - at);
      if (add) sum[v] += load(y + at, n);
      if (bias != nullptr) sum[v] += load(bias + at, n);
      store(y + at, sum[v], n);
    }
  };
  std::int64_t j = 0;
  for (; j + (kPanels - 1) * kCols < cols; j += kPanels * kCols)
    some(std::integral_constant<std::int64_t, kPanels>{}, j);
  for (; j < cols; j += kCols) some(std::integral_constant<std::int64_t, 1>{}, j);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
