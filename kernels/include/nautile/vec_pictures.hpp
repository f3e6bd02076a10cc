// What the kernels for pictures in memory as [N,H,W,C] share: the channels of a pixel, by vectors. Included after vec.hpp.
namespace nautile::NTL_TARGET {
namespace {

#if NTL_ISA == 2
constexpr __mmask16 kAll = 0xFFFF;  // GCC 12 warns of its own header where there is no mask
#endif

inline IntVec load_bytes(const std::uint8_t* p) {
#if NTL_ISA == 2
  return reinterpret_cast<IntVec>(
      _mm512_maskz_cvtepu8_epi32(kAll, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
#elif NTL_ISA == 1
  return reinterpret_cast<IntVec>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
#else
  IntVec v{};
  for (std::int64_t i = 0; i < kLanes; ++i) v[i] = p[i];
  return v;
#endif
}

// The low byte of each lane; lanes hold 0 to 255.
inline void store_bytes(std::uint8_t* p, IntVec v) {
#if NTL_ISA == 2
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtepi32_epi8(kAll, reinterpret_cast<__m512i>(v)));
#elif NTL_ISA == 1
  const auto all = reinterpret_cast<__m256i>(v);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
#else
  for (std::int64_t i = 0; i < kLanes; ++i) p[i] = static_cast<std::uint8_t>(v[i]);
#endif
}

// The first n.
inline IntVec load_bytes(const std::uint8_t* p, std::int64_t n) {
  std::uint8_t lane[kLanes] = {};
  for (std::int64_t i = 0; i < n; ++i) lane[i] = p[i];
  return load_bytes(lane);
}
inline void store_bytes(std::uint8_t* p, IntVec v, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) p[i] = static_cast<std::uint8_t>(v[i]);
}

// By lane: `yes` where a value is larger than the best so far, or NaN. A comparison within the choice of another one becomes a
// masked comparison of AVX-512; joined by |, two masks would be joined and turned over first.
template <typename V>
V better(Vec value, Vec best, V yes, V no) {
  return value > best ? yes : (value != value ? yes : no);
}

// kCount vectors of channels beside each other or, if kPart, the first n lanes of one.
template <int kCount, bool kPart>
struct Channels {
  static constexpr int count = kCount;
  std::int64_t n;

  // Vector v of those that start at p.
  Vec get(const float* p, int v) const {
    if constexpr (kPart) return load(p, n);
    return load(p + v * kLanes);
  }
  void put(float* p, int v, Vec value) const {
    if constexpr (kPart) return store(p, value, n);
    store(p + v * kLanes, value);
  }
  IntVec get(const std::uint8_t* p, int v) const {
    if constexpr (kPart) return load_bytes(p, n);
    return load_bytes(p + v * kLanes);
  }
  void put(std::uint8_t* p, int v, IntVec value) const {
    if constexpr (kPart) return store_bytes(p, value, n);
    store_bytes(p + v * kLanes, value);
  }
};

// f(c, Channels) for all channels of a pixel: four vectors at a time, then one by one, then what is left. Of the last vector
// `room` lanes may run over the end: those pixels come later.
template <typename F>
inline void for_channels(std::int64_t channels, std::int64_t room, F&& f) {
  constexpr int kFour = 4;
  std::int64_t c = 0;
  for (; c + kFour * kLanes <= channels; c += kFour * kLanes) f(c, Channels<kFour, false>{});
  for (; c + kLanes <= channels; c += kLanes) f(c, Channels<1, false>{});
  if (c == channels) return;
  if (channels - c + room >= kLanes) {
    f(c, Channels<1, false>{});
  } else {
    f(c, Channels<1, true>{channels - c});
  }
}
template <typename F>
inline void for_channels(std::int64_t channels, F&& f) {
  for_channels(channels, 0, f);
}

// Whether a vector at any pixel of an image may run over its end, for there are others behind it.
inline bool has_successor(std::int64_t image, std::int64_t images, std::int64_t floats) {
  return image + 1 < images && floats >= kLanes;
}

// Windows of 2 x 2 beside each other: f(x, line, o, channels), x at the first pixel of a window, line floats from row to row, o
// the place of its results.
template <typename Args>
inline bool are_squares_of_four(const Args& a) {
  return a.h.kernel == 2 && a.w.kernel == 2 && a.h.tile() && a.w.tile();
}
template <typename Args, typename F>
inline void for_squares_of_four(const Args& a, const Team& team, F&& f) {
  const std::int64_t line = a.w.size * a.c;
  for_rows(team, a.n * a.h.count, row_cost(a), [&](std::int64_t r) {
    const bool over = has_successor(r / a.h.count, a.n, a.h.size * line);
    for (std::int64_t ow = 0; ow < a.w.count; ++ow) {
      const float* x = a.x + 2 * r * line + 2 * ow * a.c;
      const std::int64_t o = (r * a.w.count + ow) * a.c;
      for_channels(a.c, over ? (a.w.count - 1 - ow) * a.c : 0,
                   [&](std::int64_t c, auto channels) { f(x + c, line, o + c, channels); });
    }
  });
}

// dx (+)= the share of each pixel's only window, which writes its pixels: windows beside each other. `take(o, channels, v)` gives
// what the channels of a window have, o their place in memory, and `share(window, place)` a vector.
constexpr std::int64_t kFarPixels = std::int64_t{1} << 22;  // floats of dx; more go to memory, best in order
template <typename Args, typename Take, typename Share>
inline void scatter_windows(const Args& a, const Team& team, Take&& take, Share&& share) {
  // the rows of a row of windows from `first` on
  const auto scatter = [&](std::int64_t r, std::int64_t first, std::int64_t rows) __attribute__((always_inline)) {
    // of several vectors a pixel, the last would run over the first of the next
    const bool over = !a.accumulate && a.c < kLanes && has_successor(r / a.h.count, a.n, a.h.count * a.w.count * a.c);
    const std::int64_t line = a.w.size * a.c;
    float* row = a.dx + (r * a.h.kernel + first) * line;
    for (std::int64_t ow = 0; ow < a.w.count; ++ow, row += a.w.kernel * a.c) {
      for_channels(a.c, over ? (a.w.count - 1 - ow) * a.w.kernel * a.c : 0, [&](std::int64_t c, auto channels) {
        constexpr int kCount = decltype(channels)::count;
        const std::int64_t o = (r * a.w.count + ow) * a.c + c;
        decltype(take(o, channels, 0)) window[kCount];
        for (int v = 0; v < kCount; ++v) window[v] = take(o, channels, v);
        auto place = static_cast<std::int32_t>(first * a.w.kernel);
        for (std::int64_t kh = 0; kh < rows; ++kh) {
          float* dx = row + kh * line + c;
          for (std::int64_t kw = 0; kw < a.w.kernel; ++kw, ++place, dx += a.c) {
            for (int v = 0; v < kCount; ++v) {
              channels.put(dx, v, (a.accumulate ? channels.get(dx, v) : Vec{}) + share(window[v], place));
            }
          }
        }
      });
    }
  };
  const std::int64_t rows = a.n * a.h.count;
  const std::int64_t row = a.h.kernel * a.w.size * a.c;
  if (a.c < kLanes || rows * row < kFarPixels) {
    return for_rows(team, rows, row, [&](std::int64_t r) { scatter(r, 0, a.h.kernel); });
  }
  for_rows(team, rows, row, [&](std::int64_t r) {
    for (std::int64_t kh = 0; kh < a.h.kernel; ++kh) scatter(r, kh, 1);
  });
}

// dx (+)= the sum, for each pixel, over the windows that take it. `prepare(oh, ow, place)` gives what the channels of a
// window have in common, `term(common, o, channels, v)` a vector, o the place of the window's channels in memory. Windows
// are added up row by row, in order.
template <typename Args, typename Prepare, typename Term>
inline void gather_windows(const Args& a, const Team& team, Prepare&& prepare, Term&& term) {
  for_rows(team, a.n * a.h.size, a.w.size * a.c, [&](std::int64_t r) {
    const std::int64_t n = r / a.h.size;
    const std::int64_t i = r % a.h.size;
    const std::int64_t oh0 = a.h.first_window(i);
    const std::int64_t oh1 = a.h.end_window(i);
    const bool over = !a.accumulate && has_successor(n, a.n, a.h.count * a.w.count * a.c);
    std::int64_t ow0 = 0;
    std::int64_t ow1 = 0;
    for (std::int64_t j = 0; j < a.w.size; ++j) {
      while (ow1 < a.w.count && a.w.position(ow1, 0) <= j) ++ow1;
      while (ow0 < ow1 && a.w.position(ow0, a.w.kernel - 1) < j) ++ow0;
      for_channels(a.c, over ? (a.w.size - 1 - j) * a.c : 0, [&](std::int64_t c, auto channels) {
        constexpr int kCount = decltype(channels)::count;
        Vec total[kCount] = {};
        for (std::int64_t oh = oh0; oh < oh1; ++oh) {
          const std::int64_t kh = a.h.place(oh, i);
          if (kh < 0) continue;
          Vec row[kCount] = {};
          for (std::int64_t ow = ow0; ow < ow1; ++ow) {
            const std::int64_t kw = a.w.place(ow, j);
            if (kw < 0) continue;
            const auto common = prepare(oh, ow, kh * a.w.kernel + kw);
            const std::int64_t o = ((n * a.h.count + oh) * a.w.count + ow) * a.c + c;
            for (int v = 0; v < kCount; ++v) row[v] += term(common, o, channels, v);
          }
          for (int v = 0; v < kCount; ++v) total[v] += row[v];
        }
        float* dx = a.dx + (r * a.w.size + j) * a.c + c;
        for (int v = 0; v < kCount; ++v) channels.put(dx, v, a.accumulate ? channels.get(dx, v) + total[v] : total[v]);
      });
    }
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
