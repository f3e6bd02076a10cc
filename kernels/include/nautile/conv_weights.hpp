// The weights of a convolution as its gathers read them, and their gradient back in the order of memory, [out, in, taps]. Squares
// of kLanes are turned in registers. Included after conv_tiles.hpp.
namespace nautile::NTL_TARGET {
namespace {

// f(tap, channel, weights): for each tap and channel of the source, channels outermost, the weights of kLanes channels of the
// result from `first` on; 0 from channel `width` on.
template <typename F>
void for_weights(const Gather& g, const float* weight, std::int64_t first, std::int64_t width, F&& f) {
  const std::int64_t rows = limited(width - first, 0, kLanes);
  // n weights of each channel that lie side by side, from that place of the first one's
  const auto turned = [&](std::int64_t place, std::int64_t n, Vec(&v)[kLanes]) {
    const float* from = weight + first * g.weight_out + place;
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes; ++i) {
      v[i] = i < rows ? load(from + i * g.weight_out, n) : Vec{};
    }
    transpose(v);
  };
  Vec v[kLanes];
  const std::int64_t kernel = least(g.weight_in, g.weight_out);
  const bool whole = g.taps() == kernel;
  if (whole && g.weight_out == 1) {
    for (std::int64_t c = 0; c < g.depth; ++c) {
      f(0, c, rows > 0 ? load(weight + c * g.weight_in + first, rows) : Vec{});
    }
  } else if (whole && g.weight_in == kernel && g.weight(0, 0) == 0) {  // all channels of the source lie side by side
    std::int64_t tap = 0;
    std::int64_t c = 0;
    for (std::int64_t p = 0; p < g.terms(); p += kLanes) {
      const std::int64_t n = least(kLanes, g.terms() - p);
      turned(p, n, v);
      for (std::int64_t i = 0; i < n; ++i) {
        f(tap, c, v[i]);
        if (++tap < kernel) continue;
        tap = 0;
        ++c;
      }
    }
  } else {
    for (std::int64_t c = 0; c < g.depth; ++c) {
      for (std::int64_t p = 0; p < kernel; p += kLanes) {
        const std::int64_t n = least(kLanes, kernel - p);
        turned(c * g.weight_in + p, n, v);
        std::int64_t tap = 0;
        for (std::int64_t down = 0; down < g.down.taps; ++down) {
          for (std::int64_t across = 0; across < g.across.taps; ++across, ++tap) {
            const std::int64_t place = g.weight(down, across) - p;
            if (place >= 0 && place < n) f(tap, c, v[place]);
          }
        }
      }
    }
  }
}

// The weights of `cols` channels of the result from `first` on: [terms][cols].
inline void pack_panel(const Gather& g, const float* weight, std::int64_t first, std::int64_t cols, float* out) {
  for (std::int64_t i = 0; i < cols; i += kLanes) {
    const std::int64_t n = least(kLanes, cols - i);
    for_weights(g, weight, first + i, least(g.width, first + cols), [&](std::int64_t tap, std::int64_t c, Vec v) {
      float* to = out + (tap * g.depth + c) * cols + i;
      if (n == kLanes) {
        store(to, v);
      } else {
        store(to, v, n);
      }
    });
  }
}

// Gradients of `rows` channels of the result, at most kLanes, and `count` weights of each that lie side by side, which begin with
// those of source channel `c`: turned from columns, which column(tap, channel) reads, to rows that are `row` apart.
template <typename F>
void turn_gradients(std::int64_t taps, std::int64_t c, std::int64_t count, std::int64_t rows, float* out,
                    std::int64_t row, bool accumulate, F&& column) {
  std::int64_t tap = 0;
  for (std::int64_t p = 0; p < count; p += kLanes) {
    const std::int64_t n = least(kLanes, count - p);
    Vec v[kLanes];
    for (std::int64_t i = 0; i < n; ++i) {
      v[i] = column(tap, c);
      if (++tap < taps) continue;
      tap = 0;
      ++c;
    }
    for (std::int64_t i = n; i < kLanes; ++i) v[i] = Vec{};
    transpose(v);
    for (std::int64_t i = 0; i < rows; ++i) {
      float* to = out + i * row + p;
      if (n == kLanes) {
        store(to, accumulate ? load(to) + v[i] : v[i]);
      } else {
        store(to, accumulate ? load(to, n) + v[i] : v[i], n);
      }
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
