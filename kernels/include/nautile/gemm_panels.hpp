// Matrices as panels, as the micro-kernel of gemm.hpp reads them. Included after vec.hpp.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t round_up(std::int64_t x, std::int64_t step) { return ceil_div(x, step) * step; }
constexpr std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
constexpr std::int64_t most(std::int64_t a, std::int64_t b) { return a > b ? a : b; }

// Transposes a square of kLanes vectors: squares of four lanes by perfect shuffles within groups of four, then whole groups
// change places. Each shuffle is one instruction.
inline void transpose_groups(Vec (&v)[kLanes]) {
  IntVec low;
  IntVec high;
  for (std::int32_t i = 0; i < kLanes; ++i) {
    low[i] = i / 4 * 4 + i % 4 / 2 + i % 2 * static_cast<std::int32_t>(kLanes);
    high[i] = low[i] + 2;
  }
#pragma GCC unroll 2
  for (std::int64_t round = 0; round < 2; ++round) {
    Vec t[kLanes];
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes / 2; ++i) {
      const std::int64_t row = i / 2 * 4 + i % 2;
      t[2 * i] = __builtin_shuffle(v[row], v[row + 2], low);
      t[2 * i + 1] = __builtin_shuffle(v[row], v[row + 2], high);
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes; ++i) v[i] = t[i];
  }
}
template <std::int32_t kGroup>
void exchange_groups(Vec (&v)[kLanes]) {
  IntVec low;
  IntVec high;
  for (std::int32_t i = 0; i < kLanes; ++i) {
    low[i] = (i & kGroup) == 0 ? i : i - kGroup + static_cast<std::int32_t>(kLanes);
    high[i] = low[i] + kGroup;
  }
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kLanes; ++i) {
    if ((i & kGroup) != 0) continue;
    const Vec upper = v[i];
    v[i] = __builtin_shuffle(upper, v[i + kGroup], low);
    v[i + kGroup] = __builtin_shuffle(upper, v[i + kGroup], high);
  }
}
inline void transpose(Vec (&v)[kLanes]) {
  transpose_groups(v);
  if constexpr (kLanes > 4) exchange_groups<4>(v);
  if constexpr (kLanes > 8) exchange_groups<8>(v);
}

// Panels q: out[q * step + p * kWidth + i] = x[(q * kWidth + i) * across + p * along]; what lies beyond `count` of them is
// used in no result. For a width that is no multiple of kLanes, whole vectors are stored all the same: each row's end is
// overwritten by the next row.

// Rows of panels lie in memory as they are wanted.
template <std::int64_t kWidth>
void pack_rows(const float* x, std::int64_t along, std::int64_t count, std::int64_t depth, float* out,
               std::int64_t step) {
  for (std::int64_t p = 0; p < depth; ++p) {
    const float* row = x + p * along;
    float* to = out + p * kWidth;
    std::int64_t left = count;
    for (; left >= round_up(kWidth, kLanes); left -= kWidth) {
#pragma GCC unroll 4
      for (std::int64_t i = 0; i < kWidth; i += kLanes) store(to + i, load(row + i));
      row += kWidth;
      to += step;
    }
    for (; left > 0; left -= kWidth) {
      for (std::int64_t i = 0; i < least(kWidth, left); i += kLanes) {
        store(to + i, i + kLanes <= left ? load(row + i) : load(row + i, left - i));
      }
      row += kWidth;
      to += step;
    }
  }
}

// Columns of panels lie in memory: squares are turned in registers.
template <std::int64_t kWidth>
void pack_columns(const float* x, std::int64_t across, std::int64_t count, std::int64_t depth, float* out,
                  std::int64_t step) {
  for (std::int64_t q = 0; q * kWidth < count; ++q) {
    for (std::int64_t i = 0; i < least(kWidth, count - q * kWidth); i += kLanes) {
      const std::int64_t last = least(least(i + kLanes, kWidth), count - q * kWidth) - 1;
      const float* from[kLanes];
      for (std::int64_t lane = 0; lane < kLanes; ++lane) from[lane] = x + (q * kWidth + least(i + lane, last)) * across;
      float* to = out + q * step + i;
      std::int64_t p = 0;
      for (; p + kLanes <= depth; p += kLanes) {
        Vec v[kLanes];
#pragma GCC unroll 16
        for (std::int64_t lane = 0; lane < kLanes; ++lane) v[lane] = load(from[lane] + p);
        transpose(v);
#pragma GCC unroll 16
        for (std::int64_t r = 0; r < kLanes; ++r) store(to + (p + r) * kWidth, v[r]);
      }
      if (p == depth) continue;
      Vec v[kLanes];
      for (std::int64_t lane = 0; lane < kLanes; ++lane) v[lane] = load(from[lane] + p, depth - p);
      transpose(v);
      for (std::int64_t r = 0; r < depth - p; ++r) store(to + (p + r) * kWidth, v[r]);
    }
  }
}

template <std::int64_t kWidth>
void pack(const float* x, std::int64_t across, std::int64_t along, std::int64_t count, std::int64_t depth, float* out,
          std::int64_t step) {
  if (across == 1) return pack_rows<kWidth>(x, along, count, depth, out, step);
  if (along == 1) return pack_columns<kWidth>(x, across, count, depth, out, step);
  for (std::int64_t i = 0; i < count; ++i) {
    float* to = out + i / kWidth * step + i % kWidth;
    for (std::int64_t p = 0; p < depth; ++p) to[p * kWidth] = x[i * across + p * along];
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
