// Gathers on the CPU with many weights, and their gradient. Included after conv_tiles.hpp.
//
// Parts of the weights stay in the caches, and pixels are read where they lie in x.
namespace nautile::NTL_TARGET {
namespace {

// Runs of terms that lie side by side in x, the channels of a tap or, without padding, those of a row of taps; and how they are
// parted: what is added up at a time are whole runs, or a piece of one.
struct Parts {
  std::int64_t taps_across;  // with runs of their own
  std::int64_t runs;
  std::int64_t run;     // terms
  std::int64_t pieces;  // of a run
  std::int64_t count;

  std::int64_t longest_runs() const { return pieces > 1 ? 1 : ceil_div(runs, count); }
  std::int64_t longest() const { return pieces > 1 ? ceil_div(run, pieces) : longest_runs() * run; }
  std::int64_t begin(std::int64_t part) const {
    if (pieces == 1) return runs * part / count * run;
    return part / pieces * run + run * (part % pieces) / pieces;
  }
};
inline Parts parts_of(const Gather& g) {
  const GatherAxis& a = g.across;
  const bool inside = a.first >= 0 && a.first + (a.results - 1) * a.move + a.taps <= a.extent;
  const bool side_by_side = g.groups == 1 && a.step == 1 && inside && a.taps > 0;
  Parts p{};
  p.taps_across = side_by_side ? 1 : a.taps;
  p.runs = g.down.taps * p.taps_across;
  p.run = p.runs == 0 ? 0 : (side_by_side ? a.taps : 1) * g.depth;  // a phase may have no taps
  p.pieces = most(1, ceil_div(p.run, kDepth));
  p.count = most(1, p.pieces > 1 ? p.runs * p.pieces : ceil_div(p.runs, kDepth / most(1, p.run)));
  return p;
}

constexpr std::int64_t kNearWeights = 1 << 16;  // floats of a block, which stay in the second-level cache
// Of x, taken by tiles that together meet one panel of the weights before the next; all of it stays in the first-level cache.
constexpr std::int64_t kTogetherFloats = 1536;

// How a gather is cut; follows from the shape and the instruction set.
struct Blocks {
  Grid grid;           // of pixels and channels, for each group
  std::int64_t tiles;  // of the highest block
  std::int64_t runs;   // of the longest part

  std::int64_t pointers() const { return tiles * kRows * (runs + 1) + kRows; }  // a tile reads on by a run
};
inline Blocks blocks_of(const Gather& g) {
  const Parts parts = parts_of(g);
  const std::int64_t cols = kNearWeights / most(1, parts.longest()) / kCols * kCols;
  Blocks b{};
  b.grid = grid_of(g.pixels(), g.width, g.terms(), kBlockRows, limited(cols, kCols, kBlockCols), kEnoughTasks);
  b.tiles = ceil_div(b.grid.down.panels, b.grid.down.blocks);
  b.runs = parts.longest_runs();
  return b;
}
inline std::int64_t block_floats(const Gather& g) {  // for a member
  return round_up(parts_of(g).longest(), kLineFloats) + pointer_floats(blocks_of(g).pointers());
}

// Where a pixel's runs [begin, end) lie, kRows pointers apart; outside of x: at `zeros`.
inline void find_runs(const Gather& g, const Parts& parts, const Pixel& at, std::int64_t begin, std::int64_t end,
                      std::int64_t channel, const float* zeros, const float** out) {
  if (begin == end) return;
  const std::int64_t channels = g.groups * g.depth;
  const float* image = g.x + at.image * g.down.extent * g.across.extent * channels + channel;
  const std::int64_t left = g.across.first + at.col * g.across.move;
  const bool whole = begin == 0;  // a division for each pixel would be felt where its runs are few
  std::int64_t across = whole ? 0 : begin % parts.taps_across;
  std::int64_t row = g.down.first + at.row * g.down.move + (whole ? 0 : begin / parts.taps_across * g.down.step);
  for (std::int64_t run = begin; run < end; ++run, out += kRows) {
    const std::int64_t col = left + across * g.across.step;
    const bool inside = row >= 0 && row < g.down.extent && col >= 0 && col < g.across.extent;
    *out = inside ? image + (row * g.across.extent + col) * channels : zeros;
    if (++across < parts.taps_across) continue;
    across = 0;
    row += g.down.step;
  }
}

// Whether each pixel of y has the terms of one pixel of x, and all in the same order: a product of matrices.
inline bool pixel_by_pixel(const Gather& g) {
  const auto each = [](const GatherAxis& a) {
    return a.taps == 1 && a.first == 0 && a.move == 1 && a.results == a.extent;
  };
  return each(g.down) && each(g.across);
}

// A block of pixels and channels of one group.
inline void gather_block(const Gather& g, const float* weight, std::int64_t task, float* own) {
  const Blocks b = blocks_of(g);
  const Parts parts = parts_of(g);
  const std::int64_t group = task / b.grid.count();
  const Cut& down = b.grid.down;
  const Cut& across = b.grid.across;
  const std::int64_t block_row = task % b.grid.count() / across.blocks;
  const std::int64_t block_col = task % across.blocks;
  const std::int64_t top = down.begin(block_row) * kRows;
  const std::int64_t rows = least(down.begin(block_row + 1) * kRows, g.pixels()) - top;
  const std::int64_t left = across.begin(block_col) * kCols;
  const std::int64_t cols = least(across.begin(block_col + 1) * kCols, g.width) - left;
  const std::int64_t all = round_up(g.width, kCols);
  const std::int64_t tiles = ceil_div(rows, kRows);
  const std::int64_t panels = ceil_div(cols, kCols);
  float* zeros = own;
  const std::int64_t zero_floats = round_up(parts.longest(), kLineFloats);
  auto* y = reinterpret_cast<float**>(own + zero_floats);
  auto* x = const_cast<const float**>(y) + b.tiles * kRows;
  clear_run(zeros, zero_floats);
  const bool even = pixel_by_pixel(g);
  const std::int64_t x_row = g.groups * g.depth;
  const bool streamed = parts.count == 1 && !g.accumulate && g.width % kLineFloats == 0 &&
                        streams(g.y, g.pixels() * g.groups * g.width, kLineFloats);
  for (std::int64_t part = 0; part < parts.count; ++part) {
    const std::int64_t begin = parts.begin(part);
    const std::int64_t depth = parts.begin(part + 1) - begin;
    const std::int64_t run = least(depth, parts.run);
    const std::int64_t runs = depth == 0 ? 0 : depth / run;
    const std::int64_t first_run = depth == 0 ? 0 : begin / parts.run;
    const std::int64_t channel = group * g.depth + begin - first_run * parts.run;
    Pixel at = pixel_of(g, top);
    for (std::int64_t i = 0; i < rows; ++i, advance(g, at)) {
      y[i] = g.y + (place_of(g, at) * g.groups + group) * g.width;
      if (even) continue;
      find_runs(g, parts, at, first_run, first_run + runs, channel, zeros, x + i / kRows * runs * kRows + i % kRows);
    }
    for (std::int64_t i = rows; i < tiles * kRows && !even; ++i) {  // fetched, but not used
      for (std::int64_t r = 0; r < runs; ++r) x[(i / kRows * runs + r) * kRows + i % kRows] = zeros;
    }
    const bool last = part + 1 == parts.count;
    const float* part_of_panels = weight + (group * all + left) * g.terms() + begin * kCols;
    const float* bias = part == 0 && g.bias != nullptr ? g.bias + group * g.width + left : nullptr;
    RowTile tile{.x_table = kRows,
                 .x_row = x_row,
                 .x_skip = -run,
                 .runs = runs,
                 .run = run,
                 .b_step = kCols,
                 .fetch = !streamed,
                 .stream = streamed,
                 .add = part > 0 || g.accumulate,
                 .relu = last && g.relu,
                 .mask = last ? g.mask : nullptr,
                 .masked = g.y};
    const std::int64_t share = ceil_div(kRows, most(1, panels));  // of a later tile's rows: each panel fetches its own
    const bool long_runs = run > kPiece;
    // the next part of a panel follows this one: each tile fetches its share
    tile.b_lines = last || !long_runs ? 0 : ceil_div(depth * kCols / kLineFloats, tiles * runs * (run / kPiece));
    const std::int64_t b_share = tile.b_lines * runs * (run / kPiece) * kLineFloats;
    const std::int64_t together = limited(kTogetherFloats / most(1, kRows * depth), 1, tiles);
    for (std::int64_t first = 0; first < tiles; first += together) {
      const std::int64_t end = least(first + together, tiles);
      for (std::int64_t j = 0; j < panels; ++j) {
        const std::int64_t ahead = least(j * share, kRows);
        const std::int64_t ahead_rows = least(ahead + share, kRows) - ahead;
        const std::int64_t width = least(kCols, cols - j * kCols);
        tile.b = part_of_panels + j * kCols * g.terms();
        tile.y_offset = left + j * kCols;
        tile.tail = width > kLanes ? width - kLanes : width;
        if (bias != nullptr) tile.bias = bias + j * kCols;
        for (std::int64_t i = first; i < end; ++i) {
          tile.x = x + i * runs * kRows;
          tile.y = y + i * kRows;
          tile.ahead = tile.x + together * runs * kRows + ahead;
          tile.ahead_rows = i + together < tiles ? ahead_rows : 0;
          tile.b_ahead = tile.b + depth * kCols + i * b_share;
          const std::int64_t height = least(kRows, rows - i * kRows);
          if (even) {
            tile.x_first = g.x + (top + i * kRows) * x_row + channel;
            const float* const later = tile.x_first + (together * kRows + ahead) * x_row;
            for (std::int64_t k = 0; k < tile.ahead_rows && !long_runs; ++k) fetch_piece(later + k * x_row, run);
            multiply_tile_of_rows<Rows::kEvenTerms>(tile, width <= kLanes, height);
            continue;
          }
          if (long_runs) {
            multiply_tile_of_rows<Rows::kTablesAhead>(tile, width <= kLanes, height);
            continue;
          }
          for (std::int64_t k = 0; k < tile.ahead_rows; ++k) {
            for (std::int64_t r = 0; r < runs; ++r) fetch_piece(tile.ahead[r * kRows + k], run);
          }
          multiply_tile_of_rows<Rows::kTables>(tile, width <= kLanes, height);
        }
      }
    }
  }
  if (streamed) drain();
}

// ------------------------------------------------------------------------------------------------ the gradient by the weights

// Boxes of pixels, one after the other: a tile of sums, terms by channels, is kept in registers while x and dy are multiplied over
// a box, or rather that part of it in which a tap meets x. The terms of a tap are channels of x, which are read where they lie;
// dy's channels are packed, for its panels are read by all terms and stay in the first-level cache.

constexpr std::int64_t kBoxPixels = 192;  // a panel of dy: 24 KiB
// Of a block of the weights: with them, x and dy of a box are in the second-level cache.
constexpr std::int64_t kBoxTerms = 1024;
constexpr std::int64_t kBoxChannels = 128;

// Boxes along each axis: of small images some together, of large ones parts.
struct Boxes {
  Cut images;
  Cut rows;
  Cut cols;

  std::int64_t count() const { return images.blocks * rows.blocks * cols.blocks; }
};
inline Boxes boxes_of(const Gather& g) {
  const auto cut = [](std::int64_t extent, std::int64_t fitting) {
    return Cut{extent, ceil_div(extent, most(1, fitting))};
  };
  Boxes b{};
  const std::int64_t row = most(1, g.across.results);
  b.cols = cut(g.across.results, kBoxPixels);
  b.rows = cut(g.down.results, b.cols.blocks > 1 ? 1 : kBoxPixels / row);
  b.images = cut(g.n, b.rows.blocks > 1 ? 1 : kBoxPixels / (row * most(1, g.down.results)));
  return b;
}

// What is added up.
struct Box {
  std::int64_t images;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t x_pixel;  // floats from one to the next
  std::int64_t x_row;
  std::int64_t x_image;
  std::int64_t x_line;  // to the terms of the next line
  std::int64_t dy_pixel;
  std::int64_t dy_row;
  std::int64_t dy_image;
};

// y += x^T dy: of each of kLines lines kM terms, kVectors vectors of channels.
template <std::int64_t kLines, std::int64_t kM, std::int64_t kVectors>
void weigh_box(const Box& box, const float* x, const float* dy, float* y, std::int64_t y_row) {
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kLines * kM; ++i) {
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kVectors * kLanes; j += kLineFloats) __builtin_prefetch(y + i * y_row + j, 1);
  }
  Vec sum[kLines * kM][kVectors] = {};
  const std::int64_t x_pixel = box.x_pixel;
  const std::int64_t x_line = box.x_line;
  const std::int64_t dy_pixel = box.dy_pixel;
  for (std::int64_t image = 0; image < box.images; ++image) {
    for (std::int64_t row = 0; row < box.rows; ++row) {
      const float* from = x + image * box.x_image + row * box.x_row;
      const float* up = dy + image * box.dy_image + row * box.dy_row;
      const std::int64_t ahead = box.x_row;  // steps between pixels are longer than the processor itself looks ahead
      for (std::int64_t p = 0; p < box.cols; ++p) {
        __builtin_prefetch(from + ahead);
        __builtin_prefetch(from + ahead + kM - 1);
        Vec v[kVectors];
#pragma GCC unroll 2
        for (std::int64_t j = 0; j < kVectors; ++j) {
          v[j] = load(up + j * kLanes);
#if NTL_ISA != 0
          asm("" : "+v"(v[j]));  // keeps it in a register
#endif
        }
#pragma GCC unroll 16
        for (std::int64_t i = 0; i < kLines * kM; ++i) {
          const Vec factor = splat(from[i / kM * x_line + i % kM]);
#pragma GCC unroll 2
          for (std::int64_t j = 0; j < kVectors; ++j) sum[i][j] += factor * v[j];
        }
        from += x_pixel;
        up += dy_pixel;
      }
    }
  }
#pragma GCC unroll 16
  for (std::int64_t i = 0; i < kLines * kM; ++i) {
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < kVectors; ++j) {
      float* to = y + i * y_row + j * kLanes;
      store(to, load(to) + sum[i][j]);
    }
  }
}

using WeighBox = void (*)(const Box&, const float*, const float*, float*, std::int64_t);
template <std::int64_t kLines, std::int64_t kVectors, std::size_t... kM>
constexpr std::array<WeighBox, sizeof...(kM)> weigh_box_table(std::index_sequence<kM...>) {
  return {&weigh_box<kLines, static_cast<std::int64_t>(kM) + 1, kVectors>...};
}
constexpr auto kWeighNarrow = weigh_box_table<1, 1>(std::make_index_sequence<kNarrowRows>());
constexpr auto kWeighBox = weigh_box_table<1, 2>(std::make_index_sequence<kRows>());

// Blocks of the weights of a group: panels of channels by channels of x.
inline Grid boxes_grid(const Gather& g) {
  Grid grid{{ceil_div(g.width, kCols), ceil_div(g.width, kBoxChannels)},
            {g.depth, least(g.depth, ceil_div(g.terms(), kBoxTerms))}};
  // where slices of the pixels are too few for all members
  const double flops = flops_of(g.width, g.terms(), g.pixels());
  while (grid.count() * g.groups * boxes_of(g).count() < kEnoughTasks && grid.down.blocks < grid.down.panels &&
         flops > 2 * kTaskFlops * static_cast<double>(grid.count())) {
    grid.down.blocks = least(2 * grid.down.blocks, grid.down.panels);
  }
  return grid;
}
inline std::int64_t box_floats(const Grid& grid) {  // for a member
  return ceil_div(grid.down.panels, grid.down.blocks) * kCols * kBoxPixels;
}

// A block of the gradient by the weights from boxes [begin, end): of a group's [terms][width], of whole vectors.
inline void weights_boxes(const Gather& g, const Grid& grid, const float* dy, std::int64_t group, std::int64_t block,
                          std::int64_t begin, std::int64_t end, float* result, float* own) {
  const Boxes boxes = boxes_of(g);
  const std::int64_t left = grid.down.begin(block / grid.across.blocks) * kCols;
  const std::int64_t width = least(grid.down.begin(block / grid.across.blocks + 1) * kCols, g.width) - left;
  const std::int64_t first_term = grid.across.begin(block % grid.across.blocks);
  const std::int64_t terms = grid.across.begin(block % grid.across.blocks + 1) - first_term;
  const std::int64_t row = round_up(g.width, kLanes);
  const std::int64_t channels = g.groups * g.depth;
  const std::int64_t dy_channels = g.groups * g.width;
  constexpr std::int64_t kPanel = kBoxPixels * kCols;
  for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
    for (std::int64_t i = first_term; i < first_term + terms; ++i) {
      clear_over(result + (tap * g.depth + i) * row + left, width);
    }
  }
  Box box{};
  box.dy_pixel = kCols;
  box.x_pixel = g.across.move * channels;
  box.x_row = g.down.move * g.across.extent * channels;
  box.x_image = g.down.extent * g.across.extent * channels;
  for (std::int64_t number = begin; number < end; ++number) {
    const auto range = [](const Cut& cut, std::int64_t i) { return Range{cut.begin(i), cut.begin(i + 1)}; };
    const Range images = range(boxes.images, number / (boxes.rows.blocks * boxes.cols.blocks));
    const Range rows = range(boxes.rows, number / boxes.cols.blocks % boxes.rows.blocks);
    const Range cols = range(boxes.cols, number % boxes.cols.blocks);
    box.images = images.size();
    box.dy_row = cols.size() * kCols;
    box.dy_image = rows.size() * box.dy_row;
    float* to = own;
    for (std::int64_t image = images.begin; image < images.end; ++image) {
      for (std::int64_t r = rows.begin; r < rows.end; ++r, to += box.dy_row) {
        const std::int64_t pixel = (image * g.down.results + r) * g.across.results + cols.begin;
        pack<kCols>(dy + pixel * dy_channels + group * g.width + left, 1, dy_channels, width, cols.size(), to, kPanel);
      }
    }
    const float* image = g.x + images.begin * box.x_image + group * g.depth + first_term;
    for (std::int64_t j = 0; j < width; j += kCols) {
      const bool narrow = width - j <= kLanes;
      const std::int64_t tiles = ceil_div(terms, narrow ? kNarrowRows : kRows);
      for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
        const std::int64_t down = tap / g.across.taps;
        const std::int64_t across = tap % g.across.taps;
        const Range met_rows = results_inside(g.down, down, rows);
        const Range met_cols = results_inside(g.across, across, cols);
        box.rows = met_rows.size();
        box.cols = met_cols.size();
        if (box.rows == 0 || box.cols == 0) continue;
        const std::int64_t x_row = g.down.first + met_rows.begin * g.down.move + down * g.down.step;
        const std::int64_t x_col = g.across.first + met_cols.begin * g.across.move + across * g.across.step;
        const float* x = image + (x_row * g.across.extent + x_col) * channels;
        const float* up =
            own + j * kBoxPixels + (met_rows.begin - rows.begin) * box.dy_row + (met_cols.begin - cols.begin) * kCols;
        float* y = result + (tap * g.depth + first_term) * row + left + j;
        for (std::int64_t tile = 0; tile < tiles; ++tile) {
          const std::int64_t i = terms * tile / tiles;
          const auto height = static_cast<std::size_t>(terms * (tile + 1) / tiles - i - 1);
          (narrow ? kWeighNarrow[height] : kWeighBox[height])(box, x + i, up, y + i * row, row);
        }
      }
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
