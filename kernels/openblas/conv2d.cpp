#include "nautile/conv2d.hpp"

#include <algorithm>

#include "nautile/conv_gather.hpp"
#include "nautile/library.hpp"

// Convolutions as products of matrices (conv_gather.hpp): the pixels that results gather are laid out as the rows of a matrix,
// a block of results at a time, and multiplied with the weights. Where rows or weights lie in memory as they are wanted,
// nothing is moved. With one channel a group there is no matrix: that is the base's, and so is the bias's gradient.

namespace nautile::NTL_TARGET {

// In matmul.cpp.
void matmul_forward(const MatmulForward& args, std::byte* workspace, const Team& team);
const KernelTable& base();

namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 30;  // of an extent, as in matmul.cpp
constexpr std::int64_t kBlock = std::int64_t{1} << 18;    // floats that are laid out at once, or
constexpr std::int64_t kPixels = 256;                     // as many pixels, if that is more
constexpr std::int64_t kLineFloats = 16;                  // of the cache

bool possible(const Conv2dShape& s) {
  const bool by_channel = s.groups > 1 && s.c == s.groups && s.k == s.groups;
  return !by_channel && s.c <= kLargest / (s.r * s.s) && s.k <= kLargest / (s.r * s.s);
}

std::int64_t lines(std::int64_t floats) { return ceil_div(floats, kLineFloats) * kLineFloats; }

// ------------------------------------------------------------------------------------------------ what is laid out

// A matrix, or one for each group.
struct Matrix {
  const float* data;
  std::int64_t group;
  std::int64_t row;
  std::int64_t col;
};

// The terms of `count` results from the given one on. Taps that stand side by side in x are copied in one run.
void gather_rows(const Gather& g, std::int64_t group, std::int64_t first, std::int64_t count, float* out) {
  const bool side_by_side = g.across.step == 1 && g.groups == 1;
  const std::int64_t channels = g.groups * g.depth;
  const std::int64_t extent = g.across.extent;
  const std::int64_t taps = g.across.taps;
  for (std::int64_t i = first; i < first + count; ++i) {
    const std::int64_t line = i / g.across.results;
    const std::int64_t top = g.down.first + line % g.down.results * g.down.move;
    const std::int64_t left = g.across.first + i % g.across.results * g.across.move;
    const float* picture = g.x + line / g.down.results * g.down.extent * extent * channels + group * g.depth;
    for (std::int64_t down = 0; down < g.down.taps; ++down) {
      const std::int64_t row = top + down * g.down.step;
      const float* x = picture + row * extent * channels;
      if (row < 0 || row >= g.down.extent) {
        out = std::fill_n(out, taps * g.depth, 0.0F);
      } else if (side_by_side) {
        const std::int64_t begin = std::clamp<std::int64_t>(-left, 0, taps);
        const std::int64_t end = std::clamp<std::int64_t>(extent - left, begin, taps);
        out = std::fill_n(out, begin * g.depth, 0.0F);
        if (begin < end) out = std::copy_n(x + (left + begin) * g.depth, (end - begin) * g.depth, out);
        out = std::fill_n(out, (taps - end) * g.depth, 0.0F);
      } else {
        for (std::int64_t across = 0; across < taps; ++across) {
          const std::int64_t col = left + across * g.across.step;
          out = col < 0 || col >= extent ? std::fill_n(out, g.depth, 0.0F)
                                         : std::copy_n(x + col * channels, g.depth, out);
        }
      }
    }
  }
}

// Whether rows lie in x as they are wanted.
bool rows_ready(const Gather& g) {
  const auto whole = [](const GatherAxis& a) {
    return a.taps == 1 && a.move == 1 && a.first == 0 && a.results == a.extent;
  };
  return whole(g.down) && whole(g.across);
}
Matrix rows_of(const Gather& g, std::int64_t group, std::int64_t first, std::int64_t count, float* own) {
  if (rows_ready(g)) {
    const std::int64_t channels = g.groups * g.depth;
    return {g.x + first * channels + group * g.depth, 0, channels, 1};
  }
  gather_rows(g, group, first, count, own);
  return {own, 0, g.terms(), 1};
}

std::int64_t block_of(const Gather& g) {
  const std::int64_t row = std::max({g.terms(), g.width, std::int64_t{1}});
  return std::min(std::max(kBlock / row, kPixels), g.pixels());
}
std::int64_t row_floats(const Gather& g) { return rows_ready(g) ? 0 : lines(block_of(g) * g.terms()); }

// A kernel of one tap may be a matrix as it is.
bool weights_ready(const Gather& g) {
  return g.taps() == 1 && blas_matrix(g.terms(), g.width, g.weight_in, g.weight_out).possible;
}
std::int64_t weight_floats(const Gather& g) { return weights_ready(g) ? 0 : lines(g.groups * g.terms() * g.width); }
// Of terms by channels of the result. What lies inside in the kernels, c, stays inside.
Matrix weights_of(const Gather& g, const float* weight, float* own) {
  if (weights_ready(g)) return {weight + g.weight(0, 0), g.weight_group, g.weight_in, g.weight_out};
  const std::int64_t size = g.terms() * g.width;
  if (size == 0) return {own, 0, g.width, 1};
  const bool forward = g.weight_in < g.weight_out;
  const std::int64_t outer = forward ? g.width : g.depth;
  const std::int64_t inner = forward ? g.depth : g.width;
  const std::int64_t outer_step = forward ? g.terms() : g.width;
  const std::int64_t tap_step = forward ? g.depth : g.depth * g.width;
  for (std::int64_t group = 0; group < g.groups; ++group) {
    const CopyForward copy{reinterpret_cast<const std::byte*>(weight + group * g.weight_group + g.weight(0, 0)),
                           reinterpret_cast<std::byte*>(own + group * size),
                           {outer, g.down.taps, g.across.taps, inner},
                           {std::max(g.weight_in, g.weight_out), g.down.tap_step * g.weight_row, g.across.tap_step,
                            std::min(g.weight_in, g.weight_out)},
                           {outer_step, g.across.taps * tap_step, tap_step, 1},
                           sizeof(float),
                           false};
    base().copy_forward.run(copy, nullptr, Team{});
  }
  return {own, size, forward ? 1 : g.width, forward ? g.terms() : 1};
}

// ------------------------------------------------------------------------------------------------ the gather

// Results that do not lie side by side in y are computed elsewhere and copied.
bool aside(const Gather& g) { return g.down.place_step > 1 || g.across.place_step > 1; }
std::int64_t aside_floats(const Gather& g) { return aside(g) ? lines(block_of(g) * g.groups * g.width) : 0; }

std::int64_t gather_floats(const Gather& g) {
  return g.pixels() == 0 ? 0 : weight_floats(g) + row_floats(g) + aside_floats(g);
}

// Rows of channels: y = x, or y += x.
void copy_rows(const float* x, std::int64_t x_row, float* y, std::int64_t y_row, std::int64_t rows,
               std::int64_t channels, bool accumulate) {
  const CopyForward copy{reinterpret_cast<const std::byte*>(x),
                         reinterpret_cast<std::byte*>(y),
                         {1, 1, rows, channels},
                         {0, 0, x_row, 1},
                         {0, 0, y_row, 1},
                         sizeof(float),
                         accumulate};
  base().copy_forward.run(copy, nullptr, Team{});
}

// `count` results from the given one on, to where they belong.
void place(const Gather& g, const float* results, std::int64_t first, std::int64_t count) {
  const std::int64_t channels = g.groups * g.width;
  while (count > 0) {
    const std::int64_t line = first / g.across.results;
    const std::int64_t col = first % g.across.results;
    const std::int64_t run = std::min(count, g.across.results - col);
    const std::int64_t row =
        line / g.down.results * g.down.places + g.down.place + line % g.down.results * g.down.place_step;
    float* y = g.y + (row * g.across.places + g.across.place + col * g.across.place_step) * channels;
    copy_rows(results, channels, y, g.across.place_step * channels, run, channels, g.accumulate);
    results += run * channels;
    first += run;
    count -= run;
  }
}

void gather(const Gather& g, const float* weight, float* own) {
  const std::int64_t channels = g.groups * g.width;
  if (g.pixels() == 0 || channels == 0) return;
  const Matrix weights = weights_of(g, weight, own);
  float* rows = own + weight_floats(g);
  float* elsewhere = rows + row_floats(g);
  const bool add = g.accumulate && !aside(g);
  for (std::int64_t first = 0; first < g.pixels(); first += block_of(g)) {
    const std::int64_t count = std::min(block_of(g), g.pixels() - first);
    float* y = aside(g) ? elsewhere : g.y + first * channels;
    if (g.bias != nullptr) copy_rows(g.bias, 0, y, channels, count, channels, add);
    for (std::int64_t group = 0; group < g.groups; ++group) {
      const Matrix a = rows_of(g, group, first, count, rows);
      matmul_forward({a.data, weights.data + group * weights.group, y + group * g.width, 1, count, g.width, g.terms(),
                      0, a.row, a.col, 0, weights.row, weights.col, 0, channels, add || g.bias != nullptr},
                     nullptr, Team{});
    }
    if (g.relu) base().activation_forward.run({y, y, count * channels, Activation::relu, 0.0F}, nullptr, Team{});
    if (aside(g)) place(g, y, first, count);
  }
}

// ------------------------------------------------------------------------------------------------ the other gradients

// A kernel of one element is a matrix as it is. The gradients of others are [groups, width, taps, depth] first.
bool direct(const Conv2dShape& s) { return s.r * s.s == 1; }
std::int64_t sums_floats(const Gather& g) { return lines(g.groups * g.width * g.terms()); }

void weight_gradient(const Conv2dBackward& a, const float* dy, float* own) {
  const Gather g = gather_of_x(a);
  const Conv2dShape& s = a.shape;
  const std::int64_t size = g.width * g.terms();
  const std::int64_t channels = g.groups * g.width;
  if (size == 0) return;
  float* sums = direct(s) ? a.dweight : own;
  float* rows = direct(s) ? own : own + sums_floats(g);
  if (!direct(s) || !a.accumulate_dweight) std::fill_n(sums, g.groups * size, 0.0F);
  for (std::int64_t first = 0; first < g.pixels(); first += block_of(g)) {
    const std::int64_t count = std::min(block_of(g), g.pixels() - first);
    for (std::int64_t group = 0; group < g.groups; ++group) {
      const Matrix b = rows_of(g, group, first, count, rows);
      matmul_forward({dy + first * channels + group * g.width, b.data, sums + group * size, 1, g.width, g.terms(),
                      count, 0, 1, channels, 0, b.row, b.col, 0, g.terms(), true},
                     nullptr, Team{});
    }
  }
  if (direct(s)) return;
  const CopyForward copy{reinterpret_cast<const std::byte*>(sums),
                         reinterpret_cast<std::byte*>(a.dweight),
                         {channels, 1, g.depth, g.taps()},
                         {g.terms(), 0, 1, g.depth},
                         {g.terms(), 0, g.taps(), 1},
                         sizeof(float),
                         a.accumulate_dweight};
  base().copy_forward.run(copy, nullptr, Team{});
}

Conv2dBackward bias_only(Conv2dBackward a, const float* dy) {
  a.y = nullptr;
  a.dy = dy;
  a.dx = nullptr;
  a.dweight = nullptr;
  return a;
}

std::int64_t dy_floats(const Conv2dShape& s) { return s.n * s.p * s.q * s.k; }

// dy where y > 0.
std::int64_t masked_floats(const Conv2dBackward& a) { return a.y == nullptr ? 0 : lines(dy_floats(a.shape)); }

}  // namespace

// OpenBLAS has threads of its own.
std::int64_t tasks(const Conv2dForward& args) { return possible(args.shape) ? 1 : base().conv2d_forward.tasks(args); }
std::int64_t tasks(const Conv2dBackward& args) { return possible(args.shape) ? 1 : base().conv2d_backward.tasks(args); }

std::int64_t workspace(const Conv2dForward& args, std::int64_t team_size) {
  if (!possible(args.shape)) return base().conv2d_forward.workspace(args, team_size);
  return gather_floats(gather_of(args)) * static_cast<std::int64_t>(sizeof(float));
}

bool fuses(const Conv2dForward& args) { return args.pooled == nullptr; }
bool fuses(const Conv2dBackward&) { return false; }
Algorithms algorithms(const Conv2dForward&) { return {}; }
Algorithms algorithms(const Conv2dBackward&) { return {}; }

void conv2d_forward(const Conv2dForward& args, std::byte* workspace, const Team& team) {
  if (!possible(args.shape)) {
    base().conv2d_forward.run(args, workspace, team);
  } else if (team.rank == 0) {
    gather(gather_of(args), args.weight, reinterpret_cast<float*>(workspace));
  }
}

std::int64_t workspace(const Conv2dBackward& args, std::int64_t team_size) {
  if (!possible(args.shape)) return base().conv2d_backward.workspace(args, team_size);
  std::int64_t floats = 0;  // of what is done one after the other
  if (args.dx != nullptr) {
    for (std::int64_t phase = 0; phase < phases(args.shape); ++phase) {
      floats = std::max(floats, gather_floats(gather_of(args, args.dy, phase)));
    }
  }
  if (args.dweight != nullptr) {
    const Gather g = gather_of_x(args);
    floats = std::max(floats, (direct(args.shape) ? 0 : sums_floats(g)) + row_floats(g));
  }
  std::int64_t bytes = floats * static_cast<std::int64_t>(sizeof(float));
  if (args.dbias != nullptr) {
    bytes = std::max(bytes, base().conv2d_backward.workspace(bias_only(args, args.dy), 1));
  }
  return masked_floats(args) * static_cast<std::int64_t>(sizeof(float)) + bytes;
}

void conv2d_backward(const Conv2dBackward& args, std::byte* workspace, const Team& team) {
  if (!possible(args.shape)) {
    base().conv2d_backward.run(args, workspace, team);
    return;
  }
  if (team.rank != 0) return;
  const float* dy = args.dy;
  float* own = reinterpret_cast<float*>(workspace) + masked_floats(args);
  if (args.y != nullptr) {
    auto* masked = reinterpret_cast<float*>(workspace);
    std::transform(args.y, args.y + dy_floats(args.shape), dy, masked,
                   [](float y, float d) { return y > 0.0F ? d : 0.0F; });
    dy = masked;
  }
  if (args.dx != nullptr) {
    for (std::int64_t phase = 0; phase < phases(args.shape); ++phase)
      gather(gather_of(args, dy, phase), args.weight, own);
  }
  if (args.dweight != nullptr) weight_gradient(args, dy, own);
  if (args.dbias != nullptr) {
    base().conv2d_backward.run(bias_only(args, dy), reinterpret_cast<std::byte*>(own), Team{});
  }
}

}  // namespace nautile::NTL_TARGET
