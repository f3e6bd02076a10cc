// Gathers of few channels on the CPU. Included after conv_strips.hpp and vec_pictures.hpp.
//
// A vector holds one number of each of kLanes images, so that no lane is idle however few channels there are. Rows of x are
// turned for that, and results are turned back: little beside the products. A unit of work is kLanes images and some rows of
// results.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kLaneFloats = 1 << 16;  // of x, turned at a time: half of a second-level cache
constexpr std::int64_t kLanePixels = 2;        // computed together

// How a gather is cut; follows from the shape and the instruction set.
struct Lanes {
  std::int64_t groups;  // of images
  std::int64_t step;    // rows of results that stay together
  std::int64_t parts;   // of the rows of results
  std::int64_t line;    // floats of a row of x, with the padding
  std::int64_t lines;   // of the largest part
  std::int64_t result;  // floats of a row of results

  std::int64_t units() const { return groups * parts; }
};
inline Lanes lanes_of(const Gather& g) {
  Lanes l{};
  l.step = g.pairs ? 2 : 1;
  l.groups = ceil_div(g.n, kLanes);
  l.line = ((round_up(g.across.results, kLanePixels) - 1) * g.across.move + g.across.taps) * g.depth * kLanes;
  l.result = round_up(g.across.results, kLanePixels) * g.width * kLanes;
  const std::int64_t beyond = (g.down.taps - 1) * g.down.step;  // rows of x that a row of results takes after its first
  const std::int64_t steps = ceil_div(g.down.results, l.step);
  const std::int64_t most_rows = most(1, (kLaneFloats / l.line - beyond - 1) / g.down.move + 1);
  const double flops = flops_of(g.pixels(), g.width, g.terms());
  const auto worthwhile = static_cast<std::int64_t>(flops / kTaskFlops);
  l.parts = most(ceil_div(g.down.results, most_rows), least(kEnoughTasks, worthwhile) / l.groups);
  l.parts = limited(l.parts, 1, steps);
  l.lines = (ceil_div(steps, l.parts) * l.step - 1) * g.down.move + beyond + 1;
  return l;
}

inline bool in_lanes(const Gather& g) {
  if (g.groups != 1 || g.across.step != 1 || g.taps() < 2 || g.pixels() == 0) return false;
  const bool full = 4 * g.n >= 3 * round_up(g.n, kLanes);  // nearly all lanes
  const bool few = g.terms() * g.width <= kStripWeights;
  return full && few && lanes_of(g).lines * lanes_of(g).line <= 2 * kLaneFloats;
}

// Whether all columns of x are turned.
inline bool takes_whole_rows(const Gather& g) {
  return g.across.first <= 0 && g.across.extent - g.across.first <= lanes_of(g).line / (g.depth * kLanes);
}

// A unit: its images, and its rows of results.
struct LaneUnit {
  std::int64_t image;
  std::int64_t images;
  std::int64_t begin;
  std::int64_t end;
};
inline LaneUnit unit_of(const Gather& g, const Lanes& l, std::int64_t number) {
  const std::int64_t image = number / l.parts * kLanes;
  const std::int64_t part = number % l.parts;
  const std::int64_t steps = ceil_div(g.down.results, l.step);
  return {image, least(kLanes, g.n - image), steps * part / l.parts * l.step,
          least(steps * (part + 1) / l.parts * l.step, g.down.results)};
}

// Pictures of which images are turned: [n, rows, cols, channels]; with places, of squares of 2 x 2 pixels only the one at its
// place is not 0, and data and places are those of the squares.
struct Pictures {
  const float* data;
  const std::uint8_t* places;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t channels;
};

// A row of `images` images from the given one on, turned: [cols, channels][kLanes].
inline void turn_squares(const Pictures& p, std::int64_t image, std::int64_t images, std::int64_t row, float* out) {
  const std::int64_t line = p.cols / 2 * p.channels;
  const std::int64_t first = (image * (p.rows / 2) + row / 2) * line;
  const std::int64_t step = p.rows / 2 * line;
  const IntVec left = splat(static_cast<std::int32_t>(row % 2 * 2));
  std::int64_t channel = 0;
  float* to = out;  // of the left pixel
  for_vectors(line, [&](std::int64_t i, std::int64_t n) {
    Vec value[kLanes];
    Vec place[kLanes];
    for (std::int64_t j = 0; j < kLanes; ++j) {
      const std::int64_t at = first + least(j, images - 1) * step + i;
      value[j] = n == kLanes ? load(p.data + at) : load(p.data + at, n);
      place[j] = from_bits(n == kLanes ? load_bytes(p.places + at) : load_bytes(p.places + at, n));
    }
    transpose(value);
    transpose(place);
    for (std::int64_t j = 0; j < n; ++j, to += kLanes) {
      store(to, from_bits(bits(value[j]) & (bits(place[j]) == left)));
      store(to + p.channels * kLanes, from_bits(bits(value[j]) & (bits(place[j]) == left + 1)));
      if (++channel < p.channels) continue;
      channel = 0;
      to += p.channels * kLanes;  // the right pixel is there already
    }
  });
}
// The pixels [begin, begin + cols) of a row; of pictures of squares, all.
inline void turn_row(const Pictures& p, std::int64_t image, std::int64_t images, std::int64_t row, std::int64_t begin,
                     std::int64_t cols, float* out) {
  if (p.places != nullptr) return turn_squares(p, image, images, row, out);
  const std::int64_t line = p.cols * p.channels;
  pack<kLanes>(p.data + (image * p.rows + row) * line + begin * p.channels, p.rows * line, 1, images, cols * p.channels,
               out, 0);
}

// The rows of x of a unit, [lines][line]; those outside of x are left as they are.
inline void turn_x(const Gather& g, const Lanes& l, const LaneUnit& unit, float* out) {
  const std::int64_t top = g.down.first + unit.begin * g.down.move;
  const std::int64_t bottom = g.down.first + (unit.end - 1) * g.down.move + (g.down.taps - 1) * g.down.step + 1;
  const Pictures pictures{g.x, g.x_places, g.down.extent, g.across.extent, g.depth};
  const std::int64_t column = g.depth * kLanes;
  const std::int64_t left = limited(-g.across.first, 0, l.line / column);
  const std::int64_t right = limited(g.across.extent - g.across.first, left, l.line / column);
  for (std::int64_t r = most(top, 0); r < least(bottom, g.down.extent); ++r) {
    float* to = out + (r - top) * l.line;
    clear_over(to, left * column);
    if (left < right) {
      turn_row(pictures, unit.image, unit.images, r, g.across.first + left, right - left, to + left * column);
    }
    clear_over(to + right * column, l.line - right * column);
  }
}

// ------------------------------------------------------------------------------------------------ results

// Channels of results that are computed together: few in the last panel alone would leave the adders waiting.
inline std::int64_t lane_channels(std::int64_t width) { return ceil_div(width, ceil_div(width, kRows)); }

struct LaneTile {
  std::int64_t lines;
  std::int64_t run;      // terms that a line gives
  std::int64_t w_line;   // floats of the weights from line to line
  std::int64_t w_term;   // from term to term
  std::int64_t x_line;   // floats from line to line
  std::int64_t x_pixel;  // from result to result
  std::int64_t y_pixel;
};

// Channels of kLanePixels results.
template <std::int64_t kM>
void multiply_lanes(const LaneTile& tile, const float* x, const float* weights, const float* bias, float* y) {
  Vec sum[kM][kLanePixels];
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kM; ++i) {
    for (std::int64_t j = 0; j < kLanePixels; ++j) sum[i][j] = bias != nullptr ? splat(bias[i]) : Vec{};
  }
  for (std::int64_t line = 0; line < tile.lines; ++line) {
    const float* from = x + line * tile.x_line;
    const float* w = weights + line * tile.w_line;
#pragma GCC unroll 2
    for (std::int64_t p = 0; p < tile.run; ++p) {
      Vec v[kLanePixels];
#pragma GCC unroll 2
      for (std::int64_t j = 0; j < kLanePixels; ++j) {
        v[j] = load(from + j * tile.x_pixel);
#if NTL_ISA != 0
        asm("" : "+v"(v[j]));  // keeps it in a register
#endif
      }
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kM; ++i) {
        const Vec factor = splat(w[i]);
#pragma GCC unroll 2
        for (std::int64_t j = 0; j < kLanePixels; ++j) sum[i][j] += factor * v[j];
      }
      from += kLanes;
      w += tile.w_term;
    }
  }
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kM; ++i) {
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kLanePixels; ++j) store(y + j * tile.y_pixel + i * kLanes, sum[i][j]);
  }
}

using MultiplyLanes = void (*)(const LaneTile&, const float*, const float*, const float*, float*);
template <std::size_t... kM>
constexpr std::array<MultiplyLanes, sizeof...(kM)> multiply_lanes_table(std::index_sequence<kM...>) {
  return {&multiply_lanes<static_cast<std::int64_t>(kM) + 1>...};
}
constexpr std::array<MultiplyLanes, kRows> kMultiplyLanes = multiply_lanes_table(std::make_index_sequence<kRows>());

// A row of results, turned back.
inline void turn_results(const Gather& g, const LaneUnit& unit, std::int64_t row, const float* from) {
  const std::int64_t image = g.down.places * g.across.places * g.width;
  const bool dense = g.across.place_step == 1;
  const std::int64_t floats = (dense ? g.across.results : 1) * g.width;  // side by side in y
  float* y = g.y + place_of(g, {unit.image, row, 0}) * g.width;
  for (std::int64_t col = 0; col < (dense ? 1 : g.across.results); ++col) {
    for_vectors(floats, [&](std::int64_t k, std::int64_t n) {
      Vec v[kLanes];
      for (std::int64_t i = 0; i < kLanes; ++i) v[i] = i < n ? load(from + (k + i) * kLanes) : Vec{};
      transpose(v);
      for (std::int64_t i = 0; i < unit.images; ++i) {
        float* to = y + i * image + k;
        const auto read = [=](const float* p) { return n == kLanes ? load(p) : load(p, n); };
        Vec result = v[i];
        if (g.accumulate) result += read(to);
        if (g.relu) result = relu(result);
        if (g.mask != nullptr) result = read(g.mask + (to - g.y)) > 0.0F ? result : Vec{};
        if (n == kLanes) {
          store(to, result);
        } else {
          store(to, result, n);
        }
      }
    });
    from += floats * kLanes;
    y += g.across.place_step * g.width;
  }
}

// The largest of each square of two rows of results, turned back.
inline void turn_pooled(const Gather& g, const Lanes& l, const LaneUnit& unit, std::int64_t row, float* upper) {
  float* lower = upper + l.result;
  const std::int64_t pixel = g.width * kLanes;
  const std::int64_t cols = g.across.results / 2;
  for (std::int64_t col = 0; col < cols; ++col) {
    for (std::int64_t at = 0; at < pixel; at += kLanes) {
      Vec best = load(upper + 2 * col * pixel + at);
      IntVec found{};
      const auto take = [&](const float* p, std::int32_t place) {
        const Vec value = load(p + at);
        found = better(value, best, splat(place), found);
        best = better(value, best, value, best);
      };
      take(upper + (2 * col + 1) * pixel, 1);
      take(lower + 2 * col * pixel, 2);
      take(lower + (2 * col + 1) * pixel, 3);
      store(upper + col * pixel + at, g.relu ? relu(best) : best);  // over what is read no more
      store(lower + col * pixel + at, from_bits(found));
    }
  }
  const std::int64_t floats = cols * g.width;
  const std::int64_t image = g.down.results / 2 * floats;
  const std::int64_t first = (unit.image * (g.down.results / 2) + row / 2) * floats;
  for_vectors(floats, [&](std::int64_t k, std::int64_t n) {
    Vec value[kLanes];
    Vec place[kLanes];
    for (std::int64_t i = 0; i < kLanes; ++i) {
      value[i] = i < n ? load(upper + (k + i) * kLanes) : Vec{};
      place[i] = i < n ? load(lower + (k + i) * kLanes) : Vec{};
    }
    transpose(value);
    if (g.places != nullptr) transpose(place);
    for (std::int64_t i = 0; i < unit.images; ++i) {
      const std::int64_t to = first + i * image + k;
      if (n == kLanes) {
        store(g.pooled + to, value[i]);
        if (g.places != nullptr) store_bytes(g.places + to, bits(place[i]));
      } else {
        store(g.pooled + to, value[i], n);
        if (g.places != nullptr) store_bytes(g.places + to, bits(place[i]), n);
      }
    }
  });
}

inline std::int64_t lane_floats(const Lanes& l) { return round_up(l.lines * l.line + l.step * l.result, kLineFloats); }

// weight: panels of lane_channels.
inline void gather_lanes(const Gather& g, const Lanes& l, const float* weight, std::int64_t number, float* own) {
  const LaneUnit unit = unit_of(g, l, number);
  float* y = own + l.lines * l.line;
  turn_x(g, l, unit, own);
  const std::int64_t run = g.across.taps * g.depth;
  const std::int64_t panel = lane_channels(g.width);
  for (std::int64_t row = unit.begin; row < unit.end; ++row) {
    float* result = y + row % l.step * l.result;
    const Range taps = taps_inside(g.down, row);
    const float* x = own + ((row - unit.begin) * g.down.move + taps.begin * g.down.step) * l.line;
    const std::int64_t pixel = g.across.move * g.depth * kLanes;
    for (std::int64_t k = 0; k < g.width; k += panel) {
      const MultiplyLanes multiply = kMultiplyLanes[static_cast<std::size_t>(least(panel, g.width - k) - 1)];
      const float* w = weight + k * g.terms() + taps.begin * run * panel;
      const float* bias = g.bias != nullptr ? g.bias + k : nullptr;
      for (std::int64_t col = 0; col < g.across.results; col += kLanePixels) {
        const std::int64_t begin = taps_inside(g.across, col + kLanePixels - 1).begin;  // of any of the pixels
        const std::int64_t terms = most(taps_inside(g.across, col).end - begin, 0) * g.depth;
        const std::int64_t skipped = begin * g.depth;
        const LaneTile tile{most(taps.size(), 0), terms, run * panel,     panel,
                            g.down.step * l.line, pixel, g.width * kLanes};
        multiply(tile, x + col * pixel + skipped * kLanes, w + skipped * panel, bias,
                 result + (col * g.width + k) * kLanes);
      }
    }
    if (g.pooled == nullptr) {
      turn_results(g, unit, row, y);
    } else if (row % 2 == 1) {
      turn_pooled(g, l, unit, row, y);
    }
  }
}

// ------------------------------------------------------------------------------------------------ the gradient by the weights

// Rows of results and what they meet.
struct LaneRows {
  std::int64_t rows;
  std::int64_t results;  // of a row
  std::int64_t dy_row;   // floats from row to row
  std::int64_t dy_pixel;
  std::int64_t x_row;
  std::int64_t x_pixel;
  std::int64_t width;
};

// Channels of dy times one or two terms.
template <std::int64_t kM, std::int64_t kTerms>
void weigh_lanes(const LaneRows& r, const float* dy, const float* x, float* sums) {
  Vec sum[kTerms][kM] = {};
  for (std::int64_t row = 0; row < r.rows; ++row) {
    const float* up = dy + row * r.dy_row;
    const float* from = x + row * r.x_row;
#pragma GCC unroll 2
    for (std::int64_t p = 0; p < r.results; ++p) {
      Vec v[kTerms];
#pragma GCC unroll 2
      for (std::int64_t j = 0; j < kTerms; ++j) {
        v[j] = load(from + j * kLanes);
#if NTL_ISA != 0
        asm("" : "+v"(v[j]));
#endif
      }
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kM; ++i) {
        const Vec factor = load(up + i * kLanes);
#pragma GCC unroll 2
        for (std::int64_t j = 0; j < kTerms; ++j) sum[j][i] += factor * v[j];
      }
      up += r.dy_pixel;
      from += r.x_pixel;
    }
  }
#pragma GCC unroll 2
  for (std::int64_t j = 0; j < kTerms; ++j) {
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kM; ++i) {
      float* to = sums + (j * r.width + i) * kLanes;
      store(to, load(to) + sum[j][i]);
    }
  }
}

using WeighLanes = void (*)(const LaneRows&, const float*, const float*, float*);
template <std::int64_t kTerms, std::size_t... kM>
constexpr std::array<WeighLanes, sizeof...(kM)> weigh_lanes_table(std::index_sequence<kM...>) {
  return {&weigh_lanes<static_cast<std::int64_t>(kM) + 1, kTerms>...};
}
constexpr std::array<std::array<WeighLanes, kRows>, 2> kWeighLanes = {
    weigh_lanes_table<1>(std::make_index_sequence<kRows>()), weigh_lanes_table<2>(std::make_index_sequence<kRows>())};

// Rows of results that are taken together: what a panel of channels and x have of them stays in the first-level cache.
inline std::int64_t rows_together(const Gather& g, const Lanes& l) {
  constexpr std::int64_t kFloats = 7168;
  const std::int64_t row = g.across.results * lane_channels(g.width) * kLanes + g.down.move * l.line;
  return limited(kFloats / row / l.step * l.step, l.step, ceil_div(g.down.results, l.parts));
}

inline std::int64_t weigh_floats(const Gather& g, const Lanes& l) {
  return round_up(l.lines * l.line + rows_together(g, l) * l.result + g.terms() * g.width * kLanes, kLineFloats);
}

// dy of rows of a unit, turned: [rows][results, width, kLanes].
inline void turn_dy(const Gather& g, const Lanes& l, const LaneUnit& unit, const Pictures& dy, std::int64_t row,
                    std::int64_t rows, float* out) {
  const std::int64_t floats = g.across.results * g.width;
  for (std::int64_t i = 0; i < rows; ++i, out += l.result) {
    turn_row(dy, unit.image, unit.images, row + i, 0, g.across.results, out);
    for (std::int64_t j = 0; j < floats && unit.images < kLanes; ++j) {  // no other images
      store(out + j * kLanes, load(out + j * kLanes, unit.images));
    }
  }
}

// The sum of units [begin, end), [terms, width].
inline void weights_lanes(const Gather& g, const Lanes& l, const Pictures& dy, std::int64_t begin, std::int64_t end,
                          float* result, float* own) {
  const std::int64_t together = rows_together(g, l);
  float* up = own + l.lines * l.line;
  float* sums = up + together * l.result;
  const std::int64_t run = g.across.taps * g.depth;
  const std::int64_t panel = lane_channels(g.width);
  LaneRows rows{
      0, g.across.results, l.result, g.width * kLanes, g.down.move * l.line, g.across.move * g.depth * kLanes, g.width};
  clear_over(sums, g.terms() * g.width * kLanes);
  for (std::int64_t number = begin; number < end; ++number) {
    const LaneUnit unit = unit_of(g, l, number);
    turn_x(g, l, unit, own);
    for (std::int64_t first = unit.begin; first < unit.end; first += together) {
      const std::int64_t last = least(first + together, unit.end);
      turn_dy(g, l, unit, dy, first, last - first, up);
      for (std::int64_t tap = 0; tap < g.down.taps; ++tap) {
        const Range met = results_inside(g.down, tap, {first, last});
        if (met.size() == 0) continue;
        rows.rows = met.size();
        const float* from = up + (met.begin - first) * l.result;
        const float* x = own + ((met.begin - unit.begin) * g.down.move + tap * g.down.step) * l.line;
        for (std::int64_t k = 0; k < g.width; k += panel) {
          const auto height = static_cast<std::size_t>(least(panel, g.width - k) - 1);
          for (std::int64_t term = 0; term < run; term += 2) {
            const WeighLanes weigh = kWeighLanes[term + 1 < run ? 1 : 0][height];
            weigh(rows, from + k * kLanes, x + term * kLanes, sums + ((tap * run + term) * g.width + k) * kLanes);
          }
        }
      }
    }
  }
  // the sums of the lanes, by halves
  for_vectors(g.terms() * g.width, [&](std::int64_t i, std::int64_t n) {
    Vec v[kLanes];
    for (std::int64_t j = 0; j < kLanes; ++j) v[j] = j < n ? load(sums + (i + j) * kLanes) : Vec{};
    transpose(v);
    for (std::int64_t half = kLanes / 2; half > 0; half /= 2) {
      for (std::int64_t j = 0; j < half; ++j) v[j] += v[j + half];
    }
    if (n == kLanes) {
      store(result + i, v[0]);
    } else {
      store(result + i, v[0], n);
    }
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
