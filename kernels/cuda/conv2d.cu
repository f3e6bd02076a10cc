#include "nautile/conv2d.hpp"

#include "nautile/conv_gather.hpp"
#include "nautile/cuda_conv_few.hpp"
#include "nautile/cuda_conv_tensor.hpp"
#include "nautile/cuda_norm.hpp"
#include "nautile/cuda_winograd.hpp"

// Products of matrices, of which one is gathered as it is read: cuda_conv.hpp. Weights are packed once, so that neighbours
// read neighbours. Large ones go by Hopper's tensor cores, cuda_conv_tensor.hpp, elsewhere 3 x 3 with many channels by minimal
// filtering, cuda_winograd.hpp. Few weights stay in shared memory: cuda_conv_few.hpp. With one channel a group
// (depthwise), and for pictures too large for 32 bits, a thread adds up a result on its own.
//
// For the gradient by the weights the pixels are cut into parts, whose results are added at the end, first to last.

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kPartPixels = 128;  // no part of the pixels is shorter
constexpr std::int64_t kBiasBlocks = 256;  // that add up dbias, where there are pixels enough
constexpr std::int64_t kBiasPixels = 32;   // none adds fewer

constexpr std::int64_t even(std::int64_t floats) { return ceil_div(floats, 16) * 16; }

bool by_tile(const Gather& g) { return !g.by_channel() && in_32_bits(g); }

// ------------------------------------------------------------------------------------------------ the gather

__global__ void __launch_bounds__(kThreads) gather_by_result(Gather g, const float* weight) {
  const std::int64_t channels = g.groups * g.width;
  for_items(g.pixels() * channels, [&](std::int64_t i) {
    const std::int64_t out = i % channels;
    const std::int64_t group = out / g.width;
    const std::int64_t number = i / channels;
    const std::int64_t image = number / g.across.results / g.down.results;
    const std::int64_t at_row = number / g.across.results % g.down.results;
    const std::int64_t at_col = number % g.across.results;
    const float* weights = weight + group * g.weight_group + out % g.width * g.weight_out;
    float sum = g.bias != nullptr ? g.bias[out] : 0.0F;
    for (std::int64_t down = 0; down < g.down.taps; ++down) {
      const std::int64_t row = g.down.first + at_row * g.down.move + down * g.down.step;
      if (row < 0 || row >= g.down.extent) continue;
      for (std::int64_t across = 0; across < g.across.taps; ++across) {
        const std::int64_t col = g.across.first + at_col * g.across.move + across * g.across.step;
        if (col < 0 || col >= g.across.extent) continue;
        const float* x = g.x + (((image * g.down.extent + row) * g.across.extent + col) * g.groups + group) * g.depth;
        for (std::int64_t c = 0; c < g.depth; ++c) {
          sum = fmaf(x[c], weights[c * g.weight_in + g.weight(down, across)], sum);
        }
      }
    }
    const std::int64_t place = (image * g.down.places + g.down.place + at_row * g.down.place_step) * g.across.places +
                               g.across.place + at_col * g.across.place_step;
    float* y = g.y + place * channels + out;
    if (g.accumulate) sum += *y;
    *y = g.relu && sum <= 0.0F ? 0.0F : sum;
  });
}

template <typename T, bool kFours>
void launch_gathers(const Gathers& g, std::int64_t pixels, int count, const Team& team) {
  dim3 grid = blocks_for(g.groups * ceil_div(pixels, T::kHeight) * ceil_div(g.width, T::kWidth), 1);
  grid.y = static_cast<unsigned>(count);
  grid.z = static_cast<unsigned>(g.points);
  NTL_LAUNCH((gather_by_tile<T, kFours>), grid, dim3(T::kSize), 0, stream_of(team), g);
}

// Tiles as large as fill the GPU.
template <bool kFours>
void launch_gathers(const Gathers& g, std::int64_t pixels, int count, const Team& team) {
  const auto fill = [&](std::int64_t height, std::int64_t width) {
    return g.points * count * g.groups * ceil_div(pixels, height) * ceil_div(g.width, width) >= kFullGpu;
  };
  if (g.width <= 4) return launch_gathers<UpToFour, kFours>(g, pixels, count, team);
  if (g.width <= 8) return launch_gathers<UpToEight, kFours>(g, pixels, count, team);
  if (g.width <= 16) return launch_gathers<Slim, kFours>(g, pixels, count, team);
  if constexpr (kFours) {
    if (g.width > 32 && fill(Wide::kHeight, Wide::kWidth)) {
      // the sums of a point are short, and so are its blocks: more of them at once hide how each begins and ends
      return g.points > 1 ? launch_gathers<Square, kFours>(g, pixels, count, team)
                          : launch_gathers<Wide, kFours>(g, pixels, count, team);
    }
    if (fill(Tall::kHeight, Tall::kWidth)) return launch_gathers<Tall, kFours>(g, pixels, count, team);
  }
  launch_gathers<Small, kFours>(g, pixels, count, team);
}

// Gathers that differ by where they read and write; `packed` holds the weights of all of them.
Gathers gathers_of(const Gather* phases, int count, const float* packed) {
  const Gather& all = phases[0];
  Gathers g{all.x,
            all.bias,
            all.y,
            packed,
            all.n,
            static_cast<int>(all.groups),
            static_cast<int>(all.depth),
            static_cast<int>(all.width),
            static_cast<int>(packed_line(all)),
            all.accumulate,
            all.relu,
            all.width % kFour == 0 && aligned(all.y),
            {}};
  std::int64_t floats = 0;
  for (int i = 0; i < count; ++i) {
    const Gather& p = phases[i];
    g.phases[i] = {line_of(p.down),  line_of(p.across), floats, p.weight(0, 0), p.down.tap_step * p.weight_row,
                   p.across.tap_step};
    floats += packed_floats(p);
  }
  return g;
}

void gather_all(const Gather* phases, int count, const float* weight, float* packed, const Team& team) {
  const Gather& all = phases[0];
  const Gathers g = gathers_of(phases, count, packed);
  std::int64_t floats = 0;
  std::int64_t pixels = 0;
  for (int i = 0; i < count; ++i) {
    if (packed_floats(phases[i]) > floats) floats = packed_floats(phases[i]);
    if (phases[i].pixels() > pixels) pixels = phases[i].pixels();
  }
  if (pixels == 0) return;
  dim3 grid = blocks_for(floats, kThreads);
  grid.y = static_cast<unsigned>(count);
  NTL_LAUNCH(pack_conv_weights, grid, dim3(kThreads), 0, stream_of(team), g, weight, packed, all.weight_group,
             all.weight_in, all.weight_out);
  if (all.depth % kFour == 0 && aligned(all.x)) {
    launch_gathers<true>(g, pixels, count, team);
  } else {
    launch_gathers<false>(g, pixels, count, team);
  }
}

void gather_one(const Gather& g, const float* weight, const Team& team) {
  NTL_LAUNCH(gather_by_result, blocks_for(g.pixels() * g.groups * g.width, kThreads), dim3(kThreads), 0,
             stream_of(team), g, weight);
}

void gather_in_squares(const Gather& g, const float* weight, float* space, const Team& team) {
  const Squares s = squares_of(g);
  float* weights = space;
  float* pixels = weights + even(point_floats(g));
  float* results = pixels + kPoints * s.block * g.depth;
  NTL_LAUNCH(conv_weights_to_points, blocks_for(g.depth * g.width, kThreads), dim3(kThreads), 0, stream_of(team), g,
             weight, weights);
  Gathers product{};
  product.x = pixels;
  product.y = results;
  product.packed = weights;
  product.n = 1;
  product.groups = 1;
  product.depth = static_cast<int>(g.depth);
  product.width = static_cast<int>(g.width);
  product.line = product.width;
  product.fours = true;
  product.points = kPoints;
  product.x_point = s.block * g.depth;
  product.packed_point = g.depth * g.width;
  product.y_point = s.block * g.width;
  for (std::int64_t begin = 0; begin < s.count; begin += s.block) {
    const std::int64_t count = s.block < s.count - begin ? s.block : s.count - begin;
    NTL_LAUNCH(conv_pixels_to_points, blocks_for(count * g.depth, kThreads), dim3(kThreads), 0, stream_of(team), g, s,
               begin, count, pixels);
    product.phases[0].down = plain_line(1);
    product.phases[0].across = plain_line(count);
    launch_gathers<true>(product, count, 1, team);
    NTL_LAUNCH(conv_points_to_results, blocks_for(count * g.width, kThreads), dim3(kThreads), 0, stream_of(team), g, s,
               results, begin, count);
  }
}

// A gather on its own.
void gather(const Gather& g, const float* weight, float* space, const Team& team) {
  if (by_tensor_cores(g)) {
    if (gather_by_tensor_cores(g, weight, reinterpret_cast<std::byte*>(space), team)) return;
    return gather_all(&g, 1, weight, space, team);  // which needs less space
  }
  if (in_squares(g)) return gather_in_squares(g, weight, space, team);
  if (in_boxes(g)) return gather_in_boxes(g, weight, team);
  if (by_tile(g)) return gather_all(&g, 1, weight, space, team);
  gather_one(g, weight, team);
}

// Floats that a gather needs.
std::int64_t gather_floats(const Gather& g) {
  if (by_tensor_cores(g)) return even(ceil_div(tensor_gather_bytes(g), 4));
  if (in_squares(g)) return even(point_floats(g)) + even(square_floats(g));
  if (in_boxes(g)) return 0;
  return by_tile(g) ? even(packed_floats(g)) : 0;
}

// Whether the phases of a gradient by x are computed by tiles, and the floats of their weights.
bool by_tile(const Conv2dBackward& a) {
  for (std::int64_t phase = 0; phase < phases(a.shape); ++phase) {
    if (!by_tile(gather_of(a, a.dy, phase))) return false;
  }
  return true;
}
std::int64_t gather_floats(const Conv2dBackward& a) {
  if (phases(a.shape) == 1) return gather_floats(gather_of(a, a.dy, 0));
  if (!by_tile(a)) return 0;
  std::int64_t floats = 0;
  for (std::int64_t phase = 0; phase < phases(a.shape); ++phase) floats += packed_floats(gather_of(a, a.dy, phase));
  return even(floats);
}

void gradient_by_x(const Conv2dBackward& a, const float* dy, float* packed, const Team& team) {
  const std::int64_t count = phases(a.shape);
  if (count == 1) return gather(gather_of(a, dy, 0), a.weight, packed, team);
  if (!by_tile(a)) {
    for (std::int64_t phase = 0; phase < count; ++phase) gather_one(gather_of(a, dy, phase), a.weight, team);
    return;
  }
  for (std::int64_t phase = 0; phase < count; phase += kMostPhases) {
    Gather some[kMostPhases];
    const int length = static_cast<int>(count - phase < kMostPhases ? count - phase : kMostPhases);
    std::int64_t floats = 0;
    for (int i = 0; i < length; ++i) {
      some[i] = gather_of(a, dy, phase + i);
      floats += packed_floats(some[i]);
    }
    gather_all(some, length, a.weight, packed, team);
    packed += floats;
  }
}

// ------------------------------------------------------------------------------------------------ the other gradients

// f(Tile, blocks of it that a large GPU computes at a time)
template <typename F>
auto with_weights_tile(const Gather& g, bool fours, F&& f) {
  if (g.width <= Slim::kWidth) return f(Slim{}, 4 * kProcessors);
  if (!fours) return f(Small{}, 4 * kProcessors);
  if (g.terms() <= Square::kHeight) {
    return g.width > Small::kWidth ? f(Square{}, 4 * kProcessors) : f(Small{}, 4 * kProcessors);
  }
  if (g.width <= Tall::kWidth) return f(Tall{}, 4 * kProcessors);
  return f(WideSums{}, 3 * kProcessors);
}

template <typename T>
std::int64_t weight_tiles(const Gather& g) {
  return g.groups * ceil_div(g.terms(), T::kHeight) * ceil_div(g.width, T::kWidth);
}

bool by_fours(const Gather& g) { return g.depth % kFour == 0 && g.width % kFour == 0; }

// How many parts the pixels are cut into, where there are `points` such products. Follows from the shape alone: where x lies
// decides the tile, not the sums.
std::int64_t parts_of(const Gather& g, std::int64_t points) {
  return with_weights_tile(g, by_fours(g), [&](auto tile, std::int64_t blocks) {
    const std::int64_t wanted = blocks / (points * weight_tiles<decltype(tile)>(g));
    const std::int64_t most = g.pixels() / kPartPixels;
    const std::int64_t parts = wanted < most ? wanted : most;
    return parts > 0 ? parts : 1;
  });
}

void launch_weight_sums(const Gather& g, const WeightSums& sums, bool fours, const Team& team) {
  with_weights_tile(g, fours, [&](auto tile, std::int64_t) {
    using T = decltype(tile);
    dim3 grid = blocks_for(sums.parts * weight_tiles<T>(g), 1);
    grid.z = static_cast<unsigned>(sums.points);
    if constexpr (T::kRows == kFour) {
      if (!fours) {
        NTL_LAUNCH((conv_weights_by_tile<T, false>), grid, dim3(T::kSize), 0, stream_of(team), sums);
        return;
      }
    }
    NTL_LAUNCH((conv_weights_by_tile<T, true>), grid, dim3(T::kSize), 0, stream_of(team), sums);
  });
}

// A block for 32 sums, whose warps go through the parts in turns; into the order of the weights.
__global__ void __launch_bounds__(kThreads)
    add_conv_parts(const float* results, std::int64_t parts, int taps, int depth, int width, std::int64_t size,
                   float* dweight, bool accumulate) {
  NTL_SHARED(double, scratch, [kThreads]);
  for_columns(size, [&](std::int64_t i, int first) {
    double sum = 0.0;
    if (i >= 0) {
      NTL_UNROLL_BY(4)
      for (std::int64_t part = first; part < parts; part += kWarps) {
        sum += static_cast<double>(results[part * size + i]);
      }
    }
    sum = join_column(sum, Add{}, scratch);
    if (i >= 0 && first == 0) {
      const std::int64_t terms = std::int64_t{taps} * depth;
      const std::int64_t term = i / width % terms;
      float* to = dweight + (i / width / terms * width + i % width) * terms + term % depth * taps + term / depth;
      *to = static_cast<float>(accumulate ? static_cast<double>(*to) + sum : sum);
    }
  });
}

// A block for a tap and 32 pairs of channels, whose warps go through the pixels in turns; sums in double.
__global__ void __launch_bounds__(kThreads)
    conv_weights_by_result(Gather g, const float* dy, float* dweight, bool accumulate) {
  NTL_SHARED(double, scratch, [kThreads]);
  const std::int64_t size = g.groups * g.depth * g.width;
  const std::int64_t channels = g.groups * g.width;
  const std::int64_t blocks = ceil_div(size, kWarp);
  for (std::int64_t b = blockIdx.x; b < blocks * g.taps(); b += gridDim.x) {
    const std::int64_t pair = b % blocks * kWarp + threadIdx.x % kWarp;
    const std::int64_t out = pair / g.depth;
    const std::int64_t in = out / g.width * g.depth + pair % g.depth;
    const int first = static_cast<int>(threadIdx.x) / kWarp;
    const std::int64_t tap = b / blocks;
    double sum = 0.0;
    for (std::int64_t i = first; i < g.pixels() && pair < size; i += kWarps) {
      const std::int64_t line = i / g.across.results;
      const std::int64_t row = g.down.first + line % g.down.results * g.down.move + tap / g.across.taps * g.down.step;
      const std::int64_t col =
          g.across.first + i % g.across.results * g.across.move + tap % g.across.taps * g.across.step;
      if (row < 0 || row >= g.down.extent || col < 0 || col >= g.across.extent) continue;
      const std::int64_t pixel = (line / g.down.results * g.down.extent + row) * g.across.extent + col;
      sum += static_cast<double>(g.x[pixel * g.groups * g.depth + in]) * static_cast<double>(dy[i * channels + out]);
    }
    sum = join_column(sum, Add{}, scratch);
    if (pair < size && first == 0) {
      float* to = dweight + pair * g.taps() + tap;
      *to = static_cast<float>(accumulate ? static_cast<double>(*to) + sum : sum);
    }
  }
}

// A product at a point: squares in the place of pixels.
Gather point_of(const Gather& g, const Squares& s) {
  Gather point = g;
  point.n = 1;
  point.down = forward_axis(1, 1, 1, 1, 0, 1);
  point.across = forward_axis(s.block, s.block, 1, 1, 0, 1);
  return point;
}

void weights_in_squares(const Gather& g, const Conv2dBackward& a, const float* dy, float* space, const Team& team) {
  const Squares s = squares_of(g);
  const Gather point = point_of(g, s);
  float* pixels = space;
  float* ups = pixels + kPoints * s.block * g.depth;
  float* results = space + even(square_floats(g));
  WeightSums sums{};
  sums.x = pixels;
  sums.dy = ups;
  sums.results = results;
  sums.parts = parts_of(point, kPoints);
  sums.groups = 1;
  sums.depth = static_cast<int>(g.depth);
  sums.width = static_cast<int>(g.width);
  sums.points = kPoints;
  sums.x_point = s.block * g.depth;
  sums.dy_point = s.block * g.width;
  for (std::int64_t begin = 0; begin < s.count; begin += s.block) {
    const std::int64_t count = s.block < s.count - begin ? s.block : s.count - begin;
    NTL_LAUNCH(conv_pixels_to_points, blocks_for(count * g.depth, kThreads), dim3(kThreads), 0, stream_of(team), g, s,
               begin, count, pixels);
    NTL_LAUNCH(conv_results_to_points, blocks_for(count * g.width, kThreads), dim3(kThreads), 0, stream_of(team), g, s,
               dy, begin, count, ups);
    sums.down = plain_line(1);
    sums.across = plain_line(count);
    sums.pixels = count;
    sums.accumulate = begin > 0;
    launch_weight_sums(point, sums, true, team);
  }
  NTL_LAUNCH(conv_points_to_weights, blocks_for(g.depth * g.width, kThreads), dim3(kThreads), 0, stream_of(team), g,
             results, sums.parts, a.dweight, a.accumulate_dweight);
}

// Floats that the gradient by the weights needs.
std::int64_t weights_floats(const Gather& g) {
  if (in_squares(g)) {
    return even(square_floats(g)) + even(parts_of(point_of(g, squares_of(g)), kPoints) * point_floats(g));
  }
  return by_tile(g) ? even(parts_of(g, 1) * g.groups * g.terms() * g.width) : 0;
}

void gradient_by_weights(const Conv2dBackward& a, const float* dy, float* space, const Team& team) {
  const Gather g = gather_of_x(a);
  if (in_squares(g)) return weights_in_squares(g, a, dy, space, team);
  if (!by_tile(g)) {
    NTL_LAUNCH(conv_weights_by_result, blocks_for(ceil_div(g.groups * g.depth * g.width, kWarp) * g.taps(), 1),
               dim3(kThreads), 0, stream_of(team), g, dy, a.dweight, a.accumulate_dweight);
    return;
  }
  WeightSums sums{};
  sums.x = g.x;
  sums.dy = dy;
  sums.results = space;
  sums.down = line_of(g.down);
  sums.across = line_of(g.across);
  sums.pixels = g.pixels();
  sums.parts = parts_of(g, 1);
  sums.groups = static_cast<int>(g.groups);
  sums.depth = static_cast<int>(g.depth);
  sums.width = static_cast<int>(g.width);
  launch_weight_sums(g, sums, by_fours(g) && aligned(g.x, dy), team);
  const std::int64_t size = g.groups * g.terms() * g.width;
  NTL_LAUNCH(add_conv_parts, blocks_for_columns(size), dim3(kThreads), 0, stream_of(team), space, sums.parts,
             static_cast<int>(g.taps()), static_cast<int>(g.depth), static_cast<int>(g.width), size, a.dweight,
             a.accumulate_dweight);
}

__global__ void __launch_bounds__(kThreads)
    mask_by_result(const float* y, const float* dy, float* masked, std::int64_t size) {
  for_items(size, [&](std::int64_t i) { masked[i] = y[i] > 0.0F ? dy[i] : 0.0F; });
}

std::int64_t bias_pixels(std::int64_t pixels) {
  const std::int64_t share = ceil_div(pixels, kBiasBlocks);
  return share > kBiasPixels ? share : kBiasPixels;
}

// dy's channels, added up over blocks of pixels: sums [blocks, channels].
template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    conv_bias_by_block(const float* dy, double* sums, std::int64_t pixels, std::int64_t per_block,
                       std::int64_t channels, int across) {
  NTL_SHARED(double, scratch, [kColumnScratch<1>]);
  column_parts<1>(1, pixels, channels, per_block, across, sums, scratch, [&](std::int64_t, std::int64_t c) {
    return [=](RunSums<1>& sum, std::int64_t r) {
      const Run v = load_run<kAligned>(dy + r * channels + c, channels - c);
      NTL_UNROLL
      for (int k = 0; k < kFour; ++k) sum[0][k] += static_cast<double>(v.v[k]);
    };
  });
}

// A block for 32 channels, whose warps go through the blocks' sums in turns.
__global__ void __launch_bounds__(kThreads)
    add_bias_blocks(const double* sums, std::int64_t blocks, std::int64_t channels, float* dbias, bool accumulate) {
  NTL_SHARED(double, scratch, [kThreads]);
  for_columns(channels, [&](std::int64_t c, int first) {
    double sum = 0.0;
    if (c >= 0) {
      NTL_UNROLL_BY(8)
      for (std::int64_t block = first; block < blocks; block += kWarps) sum += sums[block * channels + c];
    }
    sum = join_column(sum, Add{}, scratch);
    if (c >= 0 && first == 0) put_sum(dbias + c, sum, accumulate);
  });
}

void gradient_by_bias(const Conv2dBackward& a, const float* dy, double* sums, const Team& team) {
  const std::int64_t pixels = a.shape.n * a.shape.p * a.shape.q;
  const std::int64_t channels = a.shape.k;
  const std::int64_t per_block = bias_pixels(pixels);
  const std::int64_t blocks = ceil_div(pixels, per_block);
  if (blocks > 0) {
    const dim3 grid = blocks_for_column_parts(channels, blocks);
    const int across = threads_across(channels);
    if (aligned_rows(channels, dy)) {
      NTL_LAUNCH((conv_bias_by_block<true>), grid, dim3(kThreads), 0, stream_of(team), dy, sums, pixels, per_block,
                 channels, across);
    } else {
      NTL_LAUNCH((conv_bias_by_block<false>), grid, dim3(kThreads), 0, stream_of(team), dy, sums, pixels, per_block,
                 channels, across);
    }
  }
  NTL_LAUNCH(add_bias_blocks, blocks_for_columns(channels), dim3(kThreads), 0, stream_of(team), sums, blocks, channels,
             a.dbias, a.accumulate_dbias);
}

// Floats of the workspace of a backward pass, one thing after the other. The gradients by x and by the weights are computed
// one after the other, too, in the same space.
struct Layout {
  std::int64_t masked = 0;
  std::int64_t space = 0;
  std::int64_t sums = 0;
};
Layout layout_of(const Conv2dBackward& a) {
  Layout l;
  const std::int64_t pixels = a.shape.n * a.shape.p * a.shape.q;
  if (a.y != nullptr) l.masked = even(pixels * a.shape.k);
  const std::int64_t by_x = a.dx != nullptr ? gather_floats(a) : 0;
  const std::int64_t by_weights = a.dweight != nullptr ? weights_floats(gather_of_x(a)) : 0;
  l.space = by_x > by_weights ? by_x : by_weights;
  if (a.dbias != nullptr) l.sums = even(2 * ceil_div(pixels, bias_pixels(pixels)) * a.shape.k);
  return l;
}

constexpr std::int64_t bytes(std::int64_t floats) { return floats * static_cast<std::int64_t>(sizeof(float)); }

}  // namespace

std::int64_t tasks(const Conv2dForward&) { return 1; }
std::int64_t tasks(const Conv2dBackward&) { return 1; }

std::int64_t workspace(const Conv2dForward& args, std::int64_t) { return bytes(gather_floats(gather_of(args))); }
std::int64_t workspace(const Conv2dBackward& args, std::int64_t) {
  const Layout l = layout_of(args);
  return bytes(l.masked + l.space + l.sums);
}

bool fuses(const Conv2dForward& args) { return args.pooled == nullptr; }
bool fuses(const Conv2dBackward&) { return false; }
Algorithms algorithms(const Conv2dForward&) { return {}; }
Algorithms algorithms(const Conv2dBackward&) { return {}; }

void conv2d_forward(const Conv2dForward& a, std::byte* workspace, const Team& team) {
  gather(gather_of(a), a.weight, reinterpret_cast<float*>(workspace), team);
}

void conv2d_backward(const Conv2dBackward& a, std::byte* workspace, const Team& team) {
  const Layout l = layout_of(a);
  const std::int64_t pixels = a.shape.n * a.shape.p * a.shape.q;
  const std::int64_t channels = a.shape.k;
  auto* masked = reinterpret_cast<float*>(workspace);
  float* space = masked + l.masked;
  auto* sums = reinterpret_cast<double*>(space + l.space);
  if (a.y != nullptr) {
    NTL_LAUNCH(mask_by_result, blocks_for(pixels * channels, kThreads), dim3(kThreads), 0, stream_of(team), a.y, a.dy,
               masked, pixels * channels);
  }
  const float* dy = a.y != nullptr ? masked : a.dy;
  if (a.dx != nullptr) gradient_by_x(a, dy, space, team);
  if (a.dweight != nullptr) gradient_by_weights(a, dy, space, team);
  if (a.dbias != nullptr) gradient_by_bias(a, dy, sums, team);
}

}  // namespace nautile::NTL_TARGET
