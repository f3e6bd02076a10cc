// Products of pairs of bf16 by AMX, for gemm.hpp: an instruction multiplies 16 rows of 16 words of a with 16 words of 16 columns of
// b, and adds them to a tile of 16 x 16 sums. Four tiles of sums share two of a and two of b. Panels of b are those of
// gemm_pairs.hpp, a panel of a has 32 rows, tile after tile; both are filled up with zeros to whole tiles along k. Within a tile
// the even terms of a sum are added up, and the odd ones, then both to the sum so far; everything is rounded to nearest.
// Included after gemm_pairs.hpp.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kTile = 16;  // rows of a tile, and words of each
constexpr std::int64_t kTileWords = kTile * kTile;
constexpr std::int64_t kTileRows = 2 * kTile;  // of a panel of a
// Longer parts than float32's, since tiles read the second level nearly as fast as the first: y is read and written less often.
constexpr std::int64_t kTileDepth = 512;
constexpr std::int64_t kTileBlockRows = 512;
constexpr std::int64_t kTileBlockCols = 384;  // b's panels: 768 KiB of the second level
constexpr std::int64_t kTileFewCols = 192;    // beside the floats that are packed, which pass through it, too

// Whether a and b meet in tiles. Of what lies in g and of the process, not of the team.
inline bool takes_tiles([[maybe_unused]] const Gemm& g) {
#if NTL_ISA == 2
  return takes_pairs(g) && has_amx();
#else
  return false;
#endif
}

#if NTL_ISA == 2
// The tiles' shapes, while it lives: all are whole.
class Tiles {
 public:
  explicit Tiles(bool wanted) : wanted_(wanted) {
    if (!wanted) return;
    struct {
      std::uint8_t palette;
      std::uint8_t start_row;
      std::uint8_t reserved[14];
      std::uint16_t row_bytes[16];
      std::uint8_t rows[16];
    } shapes{};
    static_assert(sizeof shapes == 64);
    shapes.palette = 1;
    for (int i = 0; i < 8; ++i) {
      shapes.row_bytes[i] = kTile * sizeof(float);
      shapes.rows[i] = kTile;
    }
    asm volatile("" : : "r"(&shapes) : "memory");  // GCC 12's intrinsic does not say that it reads all of it
    _tile_loadconfig(&shapes);
  }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  ~Tiles() {
    if (wanted_) _tile_release();
  }

 private:
  bool wanted_;
};

// Panels q of a: out[q * step + w / 16 * 512 + i * 16 + w % 16] is the pair of x[(q * 32 + i) * across + p * along], p = 2 w and
// 2 w + 1; zeros where there are no terms, up to `depth` words, whole tiles. Nothing is written for rows beyond `count`.

// The words of two vectors of terms of one row, of which `left` are there.
inline Vec tile_row(const float* x, std::int64_t left) {
  if (left >= 2 * kLanes) return pairs_along(load(x), load(x + kLanes));
  if (left <= 0) return Vec{};
  return pairs_along(load(x, least(left, kLanes)), left > kLanes ? load(x + kLanes, left - kLanes) : Vec{});
}

// Rows of a lie in memory.
inline void pack_tiles_of_rows(const float* x, std::int64_t across, std::int64_t rows, std::int64_t terms,
                               std::int64_t depth, float* out) {
  for (std::int64_t p = 0; p < 2 * depth; p += 2 * kTile, out += 2 * kTileWords) {
    for (std::int64_t i = 0; i < rows; ++i) store(out + i * kTile, tile_row(x + i * across + p, terms - p));
  }
}

// Columns of a lie in memory: tiles are turned in registers.
inline void pack_tiles_of_columns(const float* x, std::int64_t along, std::int64_t rows, std::int64_t terms,
                                  std::int64_t depth, float* out) {
  for (std::int64_t p = 0; p < 2 * depth; p += 2 * kTile, out += 2 * kTileWords) {
    for (std::int64_t i = 0; i < rows; i += kTile) {
      const std::int64_t n = least(rows - i, kTile);
      const auto column = [&](std::int64_t q) {
        return q >= terms ? Vec{} : n == kTile ? load(x + i + q * along) : load(x + i + q * along, n);
      };
      Vec v[kLanes];
#pragma GCC unroll 16
      for (std::int64_t w = 0; w < kTile; ++w) v[w] = pairs_of(column(p + 2 * w), column(p + 2 * w + 1));
      transpose(v);
#pragma GCC unroll 16
      for (std::int64_t r = 0; r < kTile; ++r) store(out + (i + r) * kTile, v[r]);
    }
  }
}

inline void pack_tiles(const float* x, std::int64_t across, std::int64_t along, std::int64_t count, std::int64_t terms,
                       std::int64_t depth, float* out, std::int64_t step) {
  for (std::int64_t top = 0; top < count; top += kTileRows, out += step) {
    const float* from = x + top * across;
    const std::int64_t rows = least(kTileRows, count - top);
    if (along == 1) {
      pack_tiles_of_rows(from, across, rows, terms, depth, out);
    } else if (across == 1) {
      pack_tiles_of_columns(from, along, rows, terms, depth, out);
    } else {
      for (std::int64_t p = 0; p < 2 * depth; p += 2 * kTile) {
        for (std::int64_t i = 0; i < rows; ++i) {
          float row[2 * kTile] = {};
          for (std::int64_t q = p; q < least(p + 2 * kTile, terms); ++q) row[q - p] = from[i * across + q * along];
          store(out + p / 2 * kTileRows + i * kTile, tile_row(row, 2 * kTile));
        }
      }
    }
  }
}

// What will be wanted next, fetched while tiles are multiplied: at each step some lines of a's next panel, and rows of y.
struct TilesAhead {
  const float* a;
  std::int64_t lines;
  std::int64_t share;  // of the panel: so many tiles before this one have fetched theirs
  const float* y;
};

// tile (+)= a b over one part of k, for kDown x kAcross tiles of y. The sums begin with what y holds.
template <std::int64_t kDown, std::int64_t kAcross>
void multiply_tiles(std::int64_t depth, const float* a, const float* b, float* y, std::int64_t y_row, bool add,
                    TilesAhead ahead, std::int64_t next_row) {
  asm volatile("" : : : "memory");  // GCC 12's intrinsics do not say that they read memory
  constexpr std::int64_t kBytes = sizeof(float);
  const std::int64_t y_step = y_row * kBytes;
  if (add) {
    _tile_loadd(0, y, y_step);
    if constexpr (kAcross > 1) _tile_loadd(1, y + kTile, y_step);
    if constexpr (kDown > 1) _tile_loadd(2, y + kTile * y_row, y_step);
    if constexpr (kDown > 1 && kAcross > 1) _tile_loadd(3, y + kTile * y_row + kTile, y_step);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  ahead.a += ahead.share * ahead.lines * depth;
  for (std::int64_t p = 0; p < depth; p += kTile) {
    for (std::int64_t i = 0; i < ahead.lines; ++i, ahead.a += kTile) __builtin_prefetch(ahead.a, 0, 2);
    for (std::int64_t i = 0; i < kTileRows * kTile; i += depth, ahead.y += next_row) {
      __builtin_prefetch(ahead.y, 0, 2);
      __builtin_prefetch(ahead.y + kTile, 0, 2);
    }
    _tile_loadd(4, a, kTile * kBytes);
    _tile_loadd(6, b, 2 * kTile * kBytes);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kAcross > 1) {
      _tile_loadd(7, b + kTile, 2 * kTile * kBytes);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (kDown > 1) {
      _tile_loadd(5, a + kTileWords, kTile * kBytes);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (kAcross > 1) _tile_dpbf16ps(3, 5, 7);
    }
    a += 2 * kTileWords;
    b += 2 * kTileWords;
  }
  _tile_stored(0, y, y_step);
  if constexpr (kAcross > 1) _tile_stored(1, y + kTile, y_step);
  if constexpr (kDown > 1) _tile_stored(2, y + kTile * y_row, y_step);
  if constexpr (kDown > 1 && kAcross > 1) _tile_stored(3, y + kTile * y_row + kTile, y_step);
}

// A tile of height x width, at most 32 x 32. What is no whole tile, or wants more than sums, goes by a tile of our own.
inline void multiply_by_tiles(std::int64_t height, std::int64_t width, std::int64_t depth, const float* a,
                              const float* b, float* y, std::int64_t y_row, const float* bias, bool add, bool streamed,
                              const TilesAhead& ahead) {
  const auto multiply = [&](float* to, std::int64_t row) {
    if (height > kTile) {
      width > kTile ? multiply_tiles<2, 2>(depth, a, b, to, row, add, ahead, y_row)
                    : multiply_tiles<2, 1>(depth, a, b, to, row, add, ahead, y_row);
    } else {
      width > kTile ? multiply_tiles<1, 2>(depth, a, b, to, row, add, ahead, y_row)
                    : multiply_tiles<1, 1>(depth, a, b, to, row, add, ahead, y_row);
    }
  };
  if (height % kTile == 0 && width % kTile == 0 && bias == nullptr && !streamed) {
    return multiply(y, y_row);
  }
  alignas(64) float sums[kTileRows * 2 * kTile];
  const auto for_sums = [&](auto&& f) {
    for (std::int64_t i = 0; i < height; ++i) {
      for_vectors(width, [&](std::int64_t j, std::int64_t n) { f(sums + i * 2 * kTile + j, y + i * y_row + j, j, n); });
    }
  };
  if (add) {
    for_sums([=](float* sum, const float* from, std::int64_t, std::int64_t n) { store(sum, load(from, n)); });
  }
  multiply(sums, 2 * kTile);
  for_sums([=](const float* sum, float* to, std::int64_t j, std::int64_t n) {
    Vec v = load(sum);
    if (bias != nullptr) v += load(bias + j, n);
    if (streamed) {
      stream(to, v);
    } else {
      store(to, v, n);
    }
  });
}
#else
class Tiles {  // for code that is never run
 public:
  explicit Tiles(bool) {}
};
#endif

}  // namespace
}  // namespace nautile::NTL_TARGET
