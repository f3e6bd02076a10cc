#include "nautile/conv2d.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "nautile/conv_gather.hpp"
#include "nautile/amx.hpp"
#include "nautile/gemm_args.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_double.hpp"
#include "nautile/gemm_panels.hpp"
#include "nautile/gemm_pairs.hpp"
#include "nautile/gemm_tiles.hpp"
#include "nautile/gemm_plan.hpp"
#include "nautile/gemm_row.hpp"
#include "nautile/gemm.hpp"
#include "nautile/conv_tiles.hpp"
#include "nautile/conv_weights.hpp"
#include "nautile/conv_blocks.hpp"
#include "nautile/conv_strips.hpp"
#include "nautile/vec_pictures.hpp"
#include "nautile/conv_lanes.hpp"
#include "nautile/winograd_points.hpp"
#include "nautile/conv_winograd.hpp"

// The forward pass and the gradient by x are gathers. For the gradient by the weights, x and dy are multiplied over the pixels.
// Where the weights are too few for all members, the pixels are cut into slices, whose results are added at the end, first to
// last.

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kTurnedChannels = 8 * kLanes;  // of gradients that a task turns

constexpr std::int64_t bytes(std::int64_t floats) { return floats * static_cast<std::int64_t>(sizeof(float)); }

// ------------------------------------------------------------------------------------------------ the gather

// How a gather is computed; follows from the shape, the instruction set and the algorithms that are allowed.
enum class Way : std::uint8_t { kByChannel, kImages, kSquares, kStrips, kBlocks };
Way way_of(const Gather& g) {
  if (g.by_channel()) return Way::kByChannel;
  if (g.algorithm == ConvAlgorithm::kWinograd && in_squares(g)) return Way::kSquares;
  const std::int64_t full = kEvenRows ? kLanes : kCols;
  const bool whole = g.width % full == 0 && in_strips(g);  // no lane is idle in strips either
  if (in_lanes(g)) return whole && g.pooled == nullptr ? Way::kStrips : Way::kImages;
  if (in_squares(g)) return Way::kSquares;
  return in_strips(g) ? Way::kStrips : Way::kBlocks;
}

bool empty(const Gather& g) { return g.pixels() == 0; }

// Weights as they are multiplied: for each group panels of channels of the result; or by tap and channel.
std::int64_t weight_panel(const Gather& g) { return way_of(g) == Way::kImages ? lane_channels(g.width) : kCols; }
std::int64_t weight_floats(const Gather& g) {
  if (way_of(g) == Way::kSquares) return kPoints * weight_point(g);
  return round_up(g.by_channel() ? g.taps() * g.groups : g.groups * round_up(g.width, weight_panel(g)) * g.terms(),
                  kLineFloats);
}

void pack_weights(const Gather& g, const float* weight, float* out, const Team& team) {
  if (g.by_channel()) {
    for_tasks(team, g.taps(), [&](std::int64_t tap) {
      const float* from = weight + g.weight(tap / g.across.taps, tap % g.across.taps);
      for (std::int64_t c = 0; c < g.groups; ++c) out[tap * g.groups + c] = from[c * g.weight_group];
    });
    return;
  }
  if (way_of(g) == Way::kSquares) {
    for_tasks(team, ceil_div(g.width, kCols), [&](std::int64_t panel) { transform_weights(g, weight, panel, out); });
    return;
  }
  const std::int64_t cols = weight_panel(g);
  const std::int64_t panels = ceil_div(g.width, cols);
  for_tasks(team, g.groups * panels, [&](std::int64_t task) {
    const std::int64_t panel = task % panels;
    pack_panel(g, weight + task / panels * g.weight_group, panel * cols, cols, out + task * g.terms() * cols);
  });
}

// One pixel of a convolution channel by channel.
void gather_by_channel(const Gather& g, const float* weight, const Pixel& at) {
  const std::int64_t channels = g.groups;
  float* y = g.y + place_of(g, at) * channels;
  const std::int64_t top = g.down.first + at.row * g.down.move;
  const std::int64_t left = g.across.first + at.col * g.across.move;
  const float* image = g.x + at.image * g.down.extent * g.across.extent * channels;
  for_vectors(channels, [&](std::int64_t c, std::int64_t n) {
    const auto read = [=](const float* p) { return n == kLanes ? load(p + c) : load(p + c, n); };
    Vec total = g.bias != nullptr ? read(g.bias) : Vec{};
    for (std::int64_t down = 0; down < g.down.taps; ++down) {
      const std::int64_t row = top + down * g.down.step;
      if (row < 0 || row >= g.down.extent) continue;
      for (std::int64_t across = 0; across < g.across.taps; ++across) {
        const std::int64_t col = left + across * g.across.step;
        if (col < 0 || col >= g.across.extent) continue;
        total += read(image + (row * g.across.extent + col) * channels) *
                 read(weight + (down * g.across.taps + across) * channels);
      }
    }
    if (g.accumulate) total += read(y);
    if (g.relu) total = relu(total);
    if (g.mask != nullptr) total = read(g.mask + (y - g.y)) > 0.0F ? total : Vec{};
    if (n == kLanes) {
      store(y + c, total);
    } else {
      store(y + c, total, n);
    }
  });
}

std::int64_t gather_tasks(const Gather& g) {
  if (empty(g)) return 0;
  switch (way_of(g)) {
    case Way::kByChannel: return row_tasks(g.pixels(), g.groups * g.taps());
    case Way::kImages: return lanes_of(g).units();
    case Way::kSquares: return squares_of(g).blocks * squares_of(g).channels.blocks;
    case Way::kStrips: return ceil_div(g.n * g.down.results, strip_rows(g));
    case Way::kBlocks: break;
  }
  return blocks_of(g).grid.count() * g.groups;
}
std::int64_t gather_floats(const Gather& g) {  // for a member
  if (empty(g)) return 0;
  switch (way_of(g)) {
    case Way::kByChannel: return 0;
    case Way::kImages: return lane_floats(lanes_of(g));
    case Way::kSquares: return squares_of(g).floats(g);
    case Way::kStrips: return strip_floats(g);
    case Way::kBlocks: break;
  }
  return block_floats(g);
}

// A task.
void gather_task(const Gather& g, const float* weight, std::int64_t task, float* own) {
  switch (way_of(g)) {
    case Way::kByChannel: {
      const std::int64_t block = rows_per_task(g.groups * g.taps());
      Pixel at = pixel_of(g, task * block);
      const std::int64_t end = least((task + 1) * block, g.pixels());
      for (std::int64_t i = task * block; i < end; ++i, advance(g, at)) gather_by_channel(g, weight, at);
      return;
    }
    case Way::kImages: return gather_lanes(g, lanes_of(g), weight, task, own);
    case Way::kSquares: return gather_squares(g, squares_of(g), weight, task, own);
    case Way::kStrips: {
      const std::int64_t block = strip_rows(g);
      return gather_strips(g, weight, task * block, least((task + 1) * block, g.n * g.down.results), own);
    }
    case Way::kBlocks: break;
  }
  gather_block(g, weight, task, own);
}

// The tasks of a member. `before`: tasks of other gathers of the same region, so that all members get as many.
Share gather_share(const Gather& g, std::int64_t before, const Team& team) {
  return share_of({(team.rank + team.size - before % team.size) % team.size, team.size}, gather_tasks(g));
}

// ------------------------------------------------------------------------------------------------ the gradients by weights and bias

// Turning dy takes longer than it saves where each of its numbers is wanted by few terms, or its channels fill vectors.
Way weights_way(const Gather& g) {
  const Way way = way_of(g);
  if (!in_lanes(g) || way == Way::kSquares) return way;
  return (g.terms() < 4 * kLanes || g.width % kLanes == 0) && in_strips(g) ? Way::kStrips : Way::kImages;
}

// How the gradient by the weights is cut.
struct Slices {
  Grid grid;            // of the weights of a group, for tasks of their own
  std::int64_t cols;    // of the largest part of the channels of x
  std::int64_t count;   // of slices of the pixels
  std::int64_t row;     // floats of a term in the result: channels of dy
  std::int64_t result;  // floats of all weights

  std::int64_t begin(std::int64_t slice, std::int64_t all) const { return all * slice / count; }
  std::int64_t results() const { return round_up(count * result, kLineFloats); }
  std::int64_t floats(const Gather& g) const {  // for a member
    switch (weights_way(g)) {
      case Way::kByChannel: return 0;
      case Way::kImages: return weigh_floats(g, lanes_of(g));
      case Way::kSquares: return square_weights_floats(g, cols);
      case Way::kStrips: return strip_weights_floats(g);
      case Way::kBlocks: break;
    }
    return box_floats(grid);
  }
};
Slices slices_of(const Gather& g) {
  const Way way = weights_way(g);
  Slices s{};
  s.grid = way == Way::kBlocks ? boxes_grid(g) : Grid{{1, 1}, {1, 1}};
  const std::int64_t blocks = s.grid.count() * g.groups;
  const double flops = static_cast<double>(g.groups) * flops_of(g.width, g.terms(), g.pixels());
  s.count = limited(ceil_div(kEnoughTasks, blocks), 1, most(1, static_cast<std::int64_t>(flops / kTaskFlops) / blocks));
  if (way == Way::kByChannel) s.count = most(1, ceil_div(g.pixels(), kChainPixels));
  if (way == Way::kImages) s.count = least(s.count, lanes_of(g).units());
  if (way == Way::kBlocks) s.count = least(s.count, most(1, boxes_of(g).count()));
  if (way == Way::kSquares) {  // transforming back is a task's last work, whatever its part of the squares
    s.count = limited(squares_of(g).count / (4 * kTogether), 1, kEnoughTasks / 2);
    s.grid = {{1, 1}, {ceil_div(g.depth, kCols), 1}};
    while (s.count * s.grid.across.blocks < 4 && s.grid.across.panels >= 4 * s.grid.across.blocks) {
      s.grid.across.blocks *= 2;
    }
    s.cols = ceil_div(s.grid.across.panels, s.grid.across.blocks) * kCols;
  }
  s.row = way == Way::kBlocks || way == Way::kStrips ? round_up(g.width, kLanes) : g.width;
  s.result = g.groups * g.terms() * s.row;
  return s;
}
std::int64_t slice_tasks(const Gather& g, const Slices& s) {
  return g.by_channel() ? s.count : s.count * s.grid.count() * g.groups;
}

// A slice of the gradient by the weights, [taps, channels].
void weights_by_channel(const Gather& g, const float* dy, std::int64_t begin, std::int64_t end, float* out) {
  clear_run(out, g.taps() * g.groups);
  const std::int64_t channels = g.groups;
  Pixel at = pixel_of(g, begin);
  for (std::int64_t i = begin; i < end; ++i, advance(g, at)) {
    for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
      const std::int64_t row = g.down.first + at.row * g.down.move + tap / g.across.taps * g.down.step;
      const std::int64_t col = g.across.first + at.col * g.across.move + tap % g.across.taps * g.across.step;
      if (row < 0 || row >= g.down.extent || col < 0 || col >= g.across.extent) continue;
      const float* x = g.x + ((at.image * g.down.extent + row) * g.across.extent + col) * channels;
      const float* up = dy + i * channels;
      float* sum = out + tap * channels;
      for_vectors(channels, [&](std::int64_t c, std::int64_t n) {
        if (n == kLanes) {
          store(sum + c, load(sum + c) + load(up + c) * load(x + c));
        } else {
          store(sum + c, load(sum + c, n) + load(up + c, n) * load(x + c, n), n);
        }
      });
    }
  }
}

// A task. In strips, done(row, rows) is called whenever some more of its `rows` rows of dy are multiplied, `row` of them until
// then, and still in the caches.
template <typename F>
void weights_task(const Gather& g, const Slices& s, const float* dy, const std::uint8_t* places, std::int64_t task,
                  float* results, float* own, F&& done) {
  switch (weights_way(g)) {
    case Way::kByChannel:
      return weights_by_channel(g, dy, s.begin(task, g.pixels()), s.begin(task + 1, g.pixels()),
                                results + task * s.result);
    case Way::kImages: {
      const Lanes l = lanes_of(g);
      const Pictures pictures{dy, places, g.down.results, g.across.results, g.width};
      return weights_lanes(g, l, pictures, s.begin(task, l.units()), s.begin(task + 1, l.units()),
                           results + task * s.result, own);
    }
    case Way::kStrips: {
      const std::int64_t rows = g.n * g.down.results;
      const std::int64_t begin = s.begin(task, rows);
      const std::int64_t end = s.begin(task + 1, rows);
      return weights_strips(g, dy, begin, end, results + task * s.result, own,
                            [&](std::int64_t row) { done(row - begin, end - begin); });
    }
    case Way::kSquares: {
      const std::int64_t slice = task / s.grid.count();
      const Cut& across = s.grid.across;
      const std::int64_t left = across.begin(task % across.blocks) * kCols;
      const std::int64_t end = least(across.begin(task % across.blocks + 1) * kCols, g.depth);
      const std::int64_t squares = squares_of(g).count;
      return weights_squares(g, dy, left, end - left, s.begin(slice, squares), s.begin(slice + 1, squares),
                             results + slice * s.result, own);
    }
    case Way::kBlocks: break;
  }
  const std::int64_t blocks = s.grid.count() * g.groups;
  const std::int64_t slice = task / blocks;
  const std::int64_t group = task % blocks / s.grid.count();
  const std::int64_t boxes = boxes_of(g).count();
  float* result = results + slice * s.result + group * g.terms() * s.row;
  weights_boxes(g, s.grid, dy, group, task % s.grid.count(), s.begin(slice, boxes), s.begin(slice + 1, boxes), result,
                own);
}

// Adds the slices up, into the order of the weights.
void add_slices(const Conv2dBackward& a, const Gather& g, const Slices& s, const float* results, const Team& team) {
  const auto total = [&](const float* from, std::int64_t n) {
    if (s.count == 1) return n == kLanes ? load(from) : load(from, n);
    double sums[kLanes] = {};
    for (std::int64_t slice = 0; slice < s.count; ++slice, from += s.result) {
      add_double(n == kLanes ? load(from) : load(from, n), sums);
    }
    return rounded(sums);
  };
  if (weights_way(g) == Way::kSquares) {  // [channels, terms]
    for_tasks(team, g.width, [&](std::int64_t k) {
      const float* from = results + k * g.terms();
      for (std::int64_t c = 0; c < g.depth; c += kLanes) {
        const std::int64_t channels = least(kLanes, g.depth - c);
        turn_gradients(g.taps(), 0, g.taps(), channels, a.dweight + k * g.terms() + c * g.taps(), g.taps(),
                       a.accumulate_dweight,
                       [&](std::int64_t tap, std::int64_t) { return total(from + tap * g.depth + c, channels); });
      }
    });
    return;
  }
  // [groups, terms, row]; channel by channel, [terms, groups]
  const std::int64_t width = g.by_channel() ? g.groups : g.width;
  const std::int64_t row = g.by_channel() ? width : s.row;
  const std::int64_t downs = ceil_div(g.depth, kLanes);
  const std::int64_t acrosses = ceil_div(width, kTurnedChannels);
  for_tasks(team, g.groups * g.width / width * downs * acrosses, [&](std::int64_t task) {
    const std::int64_t group = task / (downs * acrosses);
    const std::int64_t c = task / acrosses % downs * kLanes;
    const std::int64_t left = task % acrosses * kTurnedChannels;
    const std::int64_t count = least(kLanes, g.depth - c) * g.taps();
    for (std::int64_t k = left; k < least(left + kTurnedChannels, width); k += kLanes) {
      const std::int64_t channels = least(kLanes, width - k);
      const float* from = results + group * g.terms() * row + k;
      turn_gradients(g.taps(), c, count, channels, a.dweight + (group * width + k) * g.terms() + c * g.taps(),
                     g.terms(), a.accumulate_dweight, [&](std::int64_t tap, std::int64_t channel) {
                       const float* place = from + (tap * g.depth + channel) * row;
                       __builtin_prefetch(place + 2 * kLanes);  // rows lie far apart: nobody else asks for their ends
                       return total(place, channels);
                     });
    }
  });
}

// Pixels of dy as it is given.
std::int64_t pixels_of_dy(const Conv2dBackward& a) {
  const Conv2dShape& s = a.shape;
  return a.places != nullptr ? s.n * (s.p / 2) * (s.q / 2) : s.n * s.p * s.q;
}

std::int64_t bias_slices(const Conv2dBackward& a) { return row_tasks(pixels_of_dy(a), a.shape.k); }

// The sums of a slice of dy's pixels, [bias_row] double: in float32 over a few pixels, those in double.
std::int64_t bias_row(const Conv2dBackward& a) { return round_up(a.shape.k, kLanes); }
void bias_slice(const Conv2dBackward& a, const float* dy, std::int64_t slice, double* out) {
  constexpr std::int64_t kFew = 8;
  const std::int64_t channels = a.shape.k;
  const std::int64_t begin = slice * rows_per_task(channels);
  const std::int64_t end = least(begin + rows_per_task(channels), pixels_of_dy(a));
  for (std::int64_t k = 0; k < bias_row(a); ++k) out[k] = 0.0;
  for (std::int64_t first = begin; first < end; first += kFew) {
    const std::int64_t pixels = least(kFew, end - first);
    for_vectors(channels, [&](std::int64_t k, std::int64_t n) {
      const float* from = dy + first * channels + k;
      Vec sum{};
      if (n == kLanes && pixels == kFew) {
#pragma GCC unroll 8
        for (std::int64_t i = 0; i < kFew; ++i) sum += load(from + i * channels);
      } else {
        for (std::int64_t i = 0; i < pixels; ++i) sum += load(from + i * channels, n);
      }
      add_double(sum, out + k);
    });
  }
}

// ------------------------------------------------------------------------------------------------ what lies where

// What dy counts at the positive elements of; null: everywhere.
const float* result_of(const Conv2dBackward& a) { return a.places != nullptr ? a.pooled : a.y; }

// Floats of the workspace of a backward pass, one thing after the other.
struct Layout {
  std::int64_t masked = 0;   // dy where the result is positive
  std::int64_t weights = 0;  // of all phases
  std::int64_t slices = 0;
  std::int64_t sums = 0;  // of dy
  std::int64_t own = 0;   // for each member

  std::int64_t shared() const { return masked + weights + slices + sums; }
};
Layout layout_of(const Conv2dBackward& a) {
  Layout l;
  const Conv2dShape& s = a.shape;
  if (result_of(a) != nullptr) l.masked = round_up(pixels_of_dy(a) * s.k, kLineFloats);
  if (a.dx != nullptr) {
    for (std::int64_t phase = 0; phase < phases(s); ++phase) {
      const Gather g = gather_of(a, a.dy, phase);
      l.weights += weight_floats(g);
      l.own = most(l.own, gather_floats(g));
    }
  }
  if (a.dweight != nullptr) {
    const Slices cut = slices_of(gather_of_x(a));
    l.slices = cut.results();
    l.own = most(l.own, cut.floats(gather_of_x(a)));
  }
  if (a.dbias != nullptr) l.sums = round_up(2 * bias_slices(a) * bias_row(a), kLineFloats);
  return l;
}

const char* name_of(Way way) {
  switch (way) {
    case Way::kByChannel: return "direct by channel";
    case Way::kImages: return "direct, an image a lane";
    case Way::kSquares: return "winograd";
    case Way::kStrips: return "direct in strips";
    case Way::kBlocks: break;
  }
  return "direct in blocks";
}

bool serial(const Conv2dShape& s) { return flops(s) < kSerialFlops; }

}  // namespace

std::int64_t tasks(const Conv2dForward& args) { return serial(args.shape) ? 1 : gather_tasks(gather_of(args)); }

std::int64_t workspace(const Conv2dForward& args, std::int64_t team_size) {
  const Gather g = gather_of(args);
  return bytes(weight_floats(g) + team_size * gather_floats(g));
}

bool fuses(const Conv2dForward& args) { return args.pooled == nullptr || way_of(gather_of(args)) == Way::kImages; }
bool fuses(const Conv2dBackward& args) {
  if (args.places == nullptr) return true;
  for (std::int64_t phase = 0; args.dx != nullptr && phase < phases(args.shape); ++phase) {
    const Gather g = gather_of(args, args.dy, phase);
    if (way_of(g) != Way::kImages || !takes_whole_rows(g)) return false;
  }
  return args.dweight == nullptr || weights_way(gather_of_x(args)) == Way::kImages;
}

Algorithms algorithms(const Conv2dForward& args) { return {{name_of(way_of(gather_of(args)))}}; }
Algorithms algorithms(const Conv2dBackward& args) {
  Algorithms found;
  if (args.dx != nullptr) found.of[0] = name_of(way_of(gather_of(args, args.dy, 0)));
  if (args.dweight != nullptr) found.of[1] = name_of(weights_way(gather_of_x(args)));
  return found;
}

void conv2d_forward(const Conv2dForward& args, std::byte* workspace, const Team& team) {
  const Gather g = gather_of(args);
  auto* weights = reinterpret_cast<float*>(workspace);
  pack_weights(g, args.weight, weights, team);
  team.barrier();
  float* own = weights + weight_floats(g) + team.rank * gather_floats(g);
  for_tasks(team, gather_tasks(g), [&](std::int64_t task) { gather_task(g, weights, task, own); });
}

std::int64_t tasks(const Conv2dBackward& args) {
  if (serial(args.shape)) return 1;
  std::int64_t most_tasks = args.dbias != nullptr ? bias_slices(args) : 1;
  if (args.dx != nullptr) {
    for (std::int64_t phase = 0; phase < phases(args.shape); ++phase) {
      most_tasks = most(most_tasks, gather_tasks(gather_of(args, args.dy, phase)));
    }
  }
  if (args.dweight != nullptr) {
    const Gather g = gather_of_x(args);
    most_tasks = most(most_tasks, slice_tasks(g, slices_of(g)));
  }
  return most_tasks;
}

std::int64_t workspace(const Conv2dBackward& args, std::int64_t team_size) {
  const Layout l = layout_of(args);
  return bytes(l.shared() + team_size * l.own);
}

void conv2d_backward(const Conv2dBackward& args, std::byte* workspace, const Team& team) {
  const Layout l = layout_of(args);
  const Conv2dShape& s = args.shape;
  auto* masked = reinterpret_cast<float*>(workspace);
  float* weights = masked + l.masked;
  float* slices = weights + l.weights;
  auto* sums = reinterpret_cast<double*>(slices + l.slices);
  float* own = masked + l.shared() + team.rank * l.own;

  // what the rest reads
  const float* y = result_of(args);
  const float* dy = y != nullptr ? masked : args.dy;
  if (y != nullptr) {
    for_chunks(team, pixels_of_dy(args) * s.k, [&](std::int64_t begin, std::int64_t count) {
      for_vectors(count, [&](std::int64_t i, std::int64_t n) {
        const std::int64_t at = begin + i;
        if (n == kLanes) {
          store(masked + at, load(y + at) > 0.0F ? load(args.dy + at) : Vec{});
        } else {
          store(masked + at, load(y + at, n) > 0.0F ? load(args.dy + at, n) : Vec{}, n);
        }
      });
    });
  }
  if (args.dx != nullptr) {
    float* to = weights;
    for (std::int64_t phase = 0; phase < phases(s); ++phase) {
      const Gather g = gather_of(args, dy, phase);
      pack_weights(g, args.weight, to, team);
      to += weight_floats(g);
    }
  }
  team.barrier();

  if (args.dx != nullptr) {
    // Of the phases in turn: their tasks read the same of dy, which is in the caches then.
    for (std::int64_t step = 0, left = 1; left > 0; ++step) {
      left = 0;
      const float* from = weights;
      std::int64_t before = 0;
      for (std::int64_t phase = 0; phase < phases(s); ++phase) {
        const Gather g = gather_of(args, dy, phase);
        const Share share = gather_share(g, before, team);
        if (share.begin + step < share.end) gather_task(g, from, share.begin + step, own);
        left = most(left, share.end - share.begin - step - 1);
        from += weight_floats(g);
        before += gather_tasks(g);
      }
    }
  }
  // The sums of dy go beside the products with the same pixels, for one of the two finds them in the caches.
  const Gather g = gather_of_x(args);
  const Slices cut = args.dweight != nullptr ? slices_of(g) : Slices{};
  const Share weight_tasks = share_of(team, args.dweight != nullptr ? slice_tasks(g, cut) : 0);
  const Share bias_tasks = share_of(team, args.dbias != nullptr ? bias_slices(args) : 0);
  const Cut steps{bias_tasks.end - bias_tasks.begin, most(1, weight_tasks.end - weight_tasks.begin)};
  const bool after = args.dweight != nullptr && weights_way(g) == Way::kStrips;  // the products wait less for memory
  std::int64_t next = bias_tasks.begin;
  const auto sum_until = [&](std::int64_t end) {
    for (; next < end; ++next) bias_slice(args, dy, next, sums + next * bias_row(args));
  };
  for (std::int64_t task = weight_tasks.begin; task < weight_tasks.end; ++task) {
    const std::int64_t first = bias_tasks.begin + steps.begin(task - weight_tasks.begin);
    const std::int64_t end = bias_tasks.begin + steps.begin(task - weight_tasks.begin + 1);
    if (!after) sum_until(end);
    weights_task(g, cut, dy, args.places, task, slices, own,
                 [&](std::int64_t rows, std::int64_t all) { sum_until(first + (end - first) * rows / all); });
  }
  sum_until(bias_tasks.end);
  if (args.dbias == nullptr && args.dweight == nullptr) return;
  team.barrier();

  if (args.dweight != nullptr) add_slices(args, g, cut, slices, team);
  if (args.dbias != nullptr && team.rank == 0) {
    for (std::int64_t k = 0; k < s.k; ++k) {
      double sum = args.accumulate_dbias ? static_cast<double>(args.dbias[k]) : 0.0;
      for (std::int64_t slice = 0; slice < bias_slices(args); ++slice) sum += sums[slice * bias_row(args) + k];
      args.dbias[k] = static_cast<float>(sum);
    }
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
