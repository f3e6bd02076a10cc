#include "nautile/conv2d.hpp"

#include "nautile/conv_gather.hpp"
#include "nautile/cuda_gemm.hpp"
#include "nautile/cuda_group.hpp"

// Products of matrices as in cuda_gemm.hpp, of which one is never there: the pixels that a result gathers are copied to
// shared memory from where they lie in x. Weights are packed once, so that neighbours read neighbours. With one channel a
// group (depthwise), a thread adds up a result on its own. Sums of 384 terms are added to a second set of sums.
//
// For the gradient by the weights the pixels are cut into slices, whose results are added at the end, first to last.

namespace nautile::NTL_TARGET {
namespace {

constexpr int kTile = 4;
constexpr int kWidth = kSide * kTile;               // of a square
constexpr int kTurns = kWidth * kDepth / kThreads;  // copies of a thread for a slice of an operand
constexpr std::int64_t kSlicePixels = 512;          // no slice of pixels is shorter
constexpr std::int64_t kBiasPixels = 2048;

constexpr std::int64_t even(std::int64_t floats) { return ceil_div(floats, 16) * 16; }

// ------------------------------------------------------------------------------------------------ the gather

// [groups, taps, depth, width]
__global__ void __launch_bounds__(kThreads) pack_conv_weights(Gather g, const float* weight, float* out) {
  for_items(g.groups * g.terms() * g.width, [&](std::int64_t i) {
    const std::int64_t row = i / g.width % g.terms();
    const std::int64_t tap = row / g.depth;
    out[i] = weight[i / g.width / g.terms() * g.weight_group + row % g.depth * g.weight_in +
                    i % g.width * g.weight_out + g.weight(tap / g.across.taps, tap % g.across.taps)];
  });
}

// A pixel of the result: the image, and where in the source its first tap is.
struct Pixel {
  std::int64_t image;
  std::int64_t row;
  std::int64_t col;
};
__device__ Pixel pixel_of(const Gather& g, std::int64_t number) {
  const std::int64_t line = number / g.across.results;
  return {line / g.down.results, line % g.down.results, number % g.across.results};
}
__device__ std::int64_t place_of(const Gather& g, const Pixel& at) {
  return (at.image * g.down.places + g.down.place + at.row * g.down.place_step) * g.across.places + g.across.place +
         at.col * g.across.place_step;
}

// A term of a sum: how far its tap is from the first, and its channel.
struct Term {
  std::int64_t down;
  std::int64_t across;
  std::int64_t channel;
};
__device__ Term term_of(const Gather& g, std::int64_t number) {
  const std::int64_t tap = number / g.depth;
  return {tap / g.across.taps * g.down.step, tap % g.across.taps * g.across.step, number % g.depth};
}

// Copies what a pixel takes for a term, or zero.
__device__ void copy_gathered(const Gather& g, std::int64_t group, const Pixel& at, const Term& term, bool valid,
                              float* to) {
  const std::int64_t row = g.down.first + at.row * g.down.move + term.down;
  const std::int64_t col = g.across.first + at.col * g.across.move + term.across;
  valid = valid && row >= 0 && row < g.down.extent && col >= 0 && col < g.across.extent;
  const std::int64_t pixel = ((at.image * g.down.extent + row) * g.across.extent + col) * g.groups + group;
  cuda::cp_async_4(to, valid ? g.x + pixel * g.depth + term.channel : g.x, valid);
}

__device__ void add_sums(float (&total)[kTile][kTile], float (&sum)[kTile][kTile]) {
  NTL_UNROLL
  for (int i = 0; i < kTile; ++i) {
    NTL_UNROLL
    for (int j = 0; j < kTile; ++j) {
      total[i][j] += sum[i][j];
      sum[i][j] = 0.0F;
    }
  }
}

// grid: the squares of all groups, `down` rows of `across`.
__global__ void __launch_bounds__(kThreads, 2)
    gather_by_square(Gather g, const float* weight, std::int64_t down, std::int64_t across) {
  NTL_SHARED(Slice<kTile>, x_slices, [2]);
  NTL_SHARED(Slice<kTile>, weight_slices, [2]);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / kSide;
  const int col = thread % kSide;
  const int depth = thread % kDepth;
  const int first = thread / kDepth;
  const int slices = static_cast<int>(ceil_div(g.terms(), kDepth));
  for (std::int64_t s = blockIdx.x; s < g.groups * down * across; s += gridDim.x) {
    const std::int64_t group = s / (down * across);
    const std::int64_t top = s / across % down * kWidth;
    const std::int64_t left = s % across * kWidth;
    const int height = least(kWidth, g.pixels() - top);
    const int width = least(kWidth, g.width - left);
    const Operand weights{nullptr, 0, 1, g.width, Order::across};
    const float* from = weight + group * g.terms() * g.width + left;
    Pixel at[kTurns];
    NTL_UNROLL
    for (int turn = 0; turn < kTurns; ++turn) at[turn] = pixel_of(g, top + first + turn * (kThreads / kDepth));
    const auto copy = [&](int slice) {
      if (slice < slices) {
        const std::int64_t begin = std::int64_t{slice} * kDepth;
        const Term term = term_of(g, begin + depth);
        NTL_UNROLL
        for (int turn = 0; turn < kTurns; ++turn) {
          const int i = first + turn * (kThreads / kDepth);
          copy_gathered(g, group, at[turn], term, i < height && begin + depth < g.terms(),
                        &x_slices[slice % 2][depth][i]);
        }
        copy_slice<kWidth>(weights, from + begin * g.width, width, least(kDepth, g.terms() - begin),
                           weight_slices[slice % 2]);
      }
      cuda::cp_async_commit();
    };

    float total[kTile][kTile] = {};
    float sum[kTile][kTile] = {};
    copy(0);
    for (int slice = 0; slice < slices; ++slice) {
      cuda::cp_async_wait<0>();
      __syncthreads();  // the slice is there, and the other one is no longer read
      copy(slice + 1);
      multiply<kTile>(x_slices[slice % 2], weight_slices[slice % 2], row, col, sum);
      if (slice + 1 == slices || (slice + 1) % kPartSlices == 0) add_sums(total, sum);
    }
    NTL_UNROLL
    for (int i = 0; i < kTile; ++i) {
      const int r = place<kTile>(row, i);
      if (r < height) {
        const std::int64_t channel = group * g.width + left;
        float* y = g.y + place_of(g, pixel_of(g, top + r)) * g.groups * g.width + channel;
        NTL_UNROLL
        for (int j = 0; j < kTile; ++j) {
          const int c = place<kTile>(col, j);
          if (c < width) {
            float v = total[i][j] + (g.bias != nullptr ? g.bias[channel + c] : 0.0F);
            if (g.accumulate) v += y[c];
            y[c] = g.relu && v <= 0.0F ? 0.0F : v;  // NaN stays
          }
        }
      }
    }
    __syncthreads();  // the slices are written again for the next square
  }
}

__global__ void __launch_bounds__(kThreads) gather_by_channel(Gather g, const float* weight) {
  for_items(g.pixels() * g.groups, [&](std::int64_t i) {
    const std::int64_t c = i % g.groups;
    const Pixel at = pixel_of(g, i / g.groups);
    float sum = g.bias != nullptr ? g.bias[c] : 0.0F;
    for (std::int64_t down = 0; down < g.down.taps; ++down) {
      const std::int64_t row = g.down.first + at.row * g.down.move + down * g.down.step;
      if (row < 0 || row >= g.down.extent) continue;
      for (std::int64_t across = 0; across < g.across.taps; ++across) {
        const std::int64_t col = g.across.first + at.col * g.across.move + across * g.across.step;
        if (col < 0 || col >= g.across.extent) continue;
        sum += g.x[((at.image * g.down.extent + row) * g.across.extent + col) * g.groups + c] *
               weight[c * g.weight_group + g.weight(down, across)];
      }
    }
    float* y = g.y + place_of(g, at) * g.groups + c;
    if (g.accumulate) sum += *y;
    *y = g.relu && sum <= 0.0F ? 0.0F : sum;
  });
}

std::int64_t weight_floats(const Gather& g) { return g.by_channel() ? 0 : even(g.groups * g.terms() * g.width); }

void gather(const Gather& g, const float* weight, float* packed, const Team& team) {
  if (g.by_channel()) {
    NTL_LAUNCH(gather_by_channel, blocks_for(g.pixels() * g.groups, kThreads), dim3(kThreads), 0, stream_of(team), g,
               weight);
    return;
  }
  NTL_LAUNCH(pack_conv_weights, blocks_for(g.groups * g.terms() * g.width, kThreads), dim3(kThreads), 0,
             stream_of(team), g, weight, packed);
  const std::int64_t down = ceil_div(g.pixels(), kWidth);
  const std::int64_t across = ceil_div(g.width, kWidth);
  NTL_LAUNCH(gather_by_square, blocks_for(g.groups * down * across, 1), dim3(kThreads), 0, stream_of(team), g, packed,
             down, across);
}

// ------------------------------------------------------------------------------------------------ the other gradients

struct Slices {
  std::int64_t down;  // squares of the weights, channels of y by terms, for each group
  std::int64_t across;
  std::int64_t count;  // of slices of the pixels
};
Slices slices_of(const Gather& g) {
  Slices s{ceil_div(g.width, kWidth), ceil_div(g.terms(), kWidth), 1};
  const std::int64_t wanted = ceil_div(2 * kEnoughBlocks, g.groups * s.down * s.across);
  const std::int64_t longest = g.pixels() / kSlicePixels;
  s.count = wanted < longest ? wanted : longest > 0 ? longest : 1;
  return s;
}

// A slice of the gradient by the weights, [groups, width, terms]. grid: the squares of all groups and slices.
__global__ void __launch_bounds__(kThreads, 2)
    conv_weights_by_square(Gather g, const float* dy, float* results, Slices cut) {
  NTL_SHARED(Slice<kTile>, dy_slices, [2]);
  NTL_SHARED(Slice<kTile>, x_slices, [2]);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / kSide;
  const int col = thread % kSide;
  const int i = thread % kWidth;
  const int first = thread / kWidth;
  const std::int64_t squares = cut.down * cut.across;
  const std::int64_t channels = g.groups * g.width;
  for (std::int64_t s = blockIdx.x; s < cut.count * g.groups * squares; s += gridDim.x) {
    const std::int64_t part = s / (g.groups * squares);
    const std::int64_t group = s / squares % g.groups;
    const std::int64_t top = s / cut.across % cut.down * kWidth;
    const std::int64_t left = s % cut.across * kWidth;
    const std::int64_t begin = g.pixels() * part / cut.count;
    const std::int64_t end = g.pixels() * (part + 1) / cut.count;
    const int slices = static_cast<int>(ceil_div(end - begin, kDepth));
    const int height = least(kWidth, g.width - top);
    const int width = least(kWidth, g.terms() - left);
    const Operand ups{nullptr, 0, 1, channels, Order::across};
    const float* up = dy + group * g.width + top;
    const Term term = term_of(g, left + i);
    const auto copy = [&](int slice) {
      if (slice < slices) {
        const std::int64_t start = begin + std::int64_t{slice} * kDepth;
        copy_slice<kWidth>(ups, up + start * channels, height, least(kDepth, end - start), dy_slices[slice % 2]);
        NTL_UNROLL
        for (int turn = 0; turn < kTurns; ++turn) {
          const int p = first + turn * (kThreads / kWidth);
          copy_gathered(g, group, pixel_of(g, start + p), term, i < width && start + p < end,
                        &x_slices[slice % 2][p][i]);
        }
      }
      cuda::cp_async_commit();
    };

    float total[kTile][kTile] = {};
    float sum[kTile][kTile] = {};
    copy(0);
    for (int slice = 0; slice < slices; ++slice) {
      cuda::cp_async_wait<0>();
      __syncthreads();  // the slice is there, and the other one is no longer read
      copy(slice + 1);
      multiply<kTile>(dy_slices[slice % 2], x_slices[slice % 2], row, col, sum);
      if (slice + 1 == slices || (slice + 1) % kPartSlices == 0) add_sums(total, sum);
    }
    float* y = results + (part * channels + group * g.width + top) * g.terms() + left;
    const Square square{y, g.terms(), height, width, false};
    put_sums<kTile>(square, row, col, false, total);
    __syncthreads();  // the slices are written again for the next square
  }
}

// Adds the slices up, into the order of the weights.
__global__ void __launch_bounds__(kThreads)
    add_conv_slices(Gather g, const float* results, std::int64_t slices, float* dweight, bool accumulate) {
  const std::int64_t size = g.groups * g.width * g.terms();
  for_items(size, [&](std::int64_t i) {
    const std::int64_t k = i / g.terms();
    const std::int64_t tap = i % g.terms() / g.depth;
    double sum = 0.0;
    for (std::int64_t slice = 0; slice < slices; ++slice) sum += static_cast<double>(results[slice * size + i]);
    float* to = dweight + k * g.terms() + i % g.depth * g.taps() + tap;
    *to = static_cast<float>(accumulate ? static_cast<double>(*to) + sum : sum);
  });
}

// A block for a tap and 32 channels, whose warps go through the pixels in turns; sums in double.
__global__ void __launch_bounds__(kThreads)
    conv_weights_by_channel(Gather g, const float* dy, float* dweight, bool accumulate) {
  NTL_SHARED(double, scratch, [kThreads]);
  const std::int64_t blocks = ceil_div(g.groups, kWarp);
  for (std::int64_t b = blockIdx.x; b < blocks * g.taps(); b += gridDim.x) {
    const std::int64_t c = b % blocks * kWarp + threadIdx.x % kWarp;
    const int first = static_cast<int>(threadIdx.x) / kWarp;
    const std::int64_t tap = b / blocks;
    double sum = 0.0;
    for (std::int64_t i = first; i < g.pixels() && c < g.groups; i += kWarps) {
      const Pixel at = pixel_of(g, i);
      const std::int64_t row = g.down.first + at.row * g.down.move + tap / g.across.taps * g.down.step;
      const std::int64_t col = g.across.first + at.col * g.across.move + tap % g.across.taps * g.across.step;
      if (row < 0 || row >= g.down.extent || col < 0 || col >= g.across.extent) continue;
      const std::int64_t pixel = (at.image * g.down.extent + row) * g.across.extent + col;
      sum += static_cast<double>(g.x[pixel * g.groups + c]) * static_cast<double>(dy[i * g.groups + c]);
    }
    sum = join_column(sum, Add{}, scratch);
    if (c < g.groups && first == 0) {
      float* to = dweight + c * g.taps() + tap;
      *to = static_cast<float>(accumulate ? static_cast<double>(*to) + sum : sum);
    }
  }
}

__global__ void __launch_bounds__(kThreads)
    mask_by_result(const float* y, const float* dy, float* masked, std::int64_t size) {
  for_items(size, [&](std::int64_t i) { masked[i] = y[i] > 0.0F ? dy[i] : 0.0F; });
}

// A block for 32 columns of a slice of dy's pixels, which its warps go down in turns.
__global__ void __launch_bounds__(kThreads)
    conv_bias_by_column(const float* dy, double* sums, std::int64_t pixels, std::int64_t channels) {
  NTL_SHARED(double, scratch, [kThreads]);
  const std::int64_t blocks = ceil_div(channels, kWarp);
  for (std::int64_t b = blockIdx.x; b < blocks * ceil_div(pixels, kBiasPixels); b += gridDim.x) {
    const std::int64_t c = b % blocks * kWarp + threadIdx.x % kWarp;
    const std::int64_t begin = b / blocks * kBiasPixels;
    const std::int64_t end = begin + kBiasPixels < pixels ? begin + kBiasPixels : pixels;
    const int first = static_cast<int>(threadIdx.x) / kWarp;
    double sum = 0.0;
    for (std::int64_t i = begin + first; i < end && c < channels; i += kWarps) {
      sum += static_cast<double>(dy[i * channels + c]);
    }
    sum = join_column(sum, Add{}, scratch);
    if (c < channels && first == 0) sums[b / blocks * channels + c] = sum;
  }
}
__global__ void __launch_bounds__(kThreads)
    add_bias_slices(const double* sums, std::int64_t slices, std::int64_t channels, float* dbias, bool accumulate) {
  for_items(channels, [&](std::int64_t c) {
    double sum = accumulate ? static_cast<double>(dbias[c]) : 0.0;
    for (std::int64_t slice = 0; slice < slices; ++slice) sum += sums[slice * channels + c];
    dbias[c] = static_cast<float>(sum);
  });
}

// Floats of the workspace of a backward pass, one thing after the other. The weights of one phase are packed when those of
// the phase before are read no more.
struct Layout {
  std::int64_t masked = 0;
  std::int64_t weights = 0;
  std::int64_t slices = 0;
  std::int64_t sums = 0;
};
Layout layout_of(const Conv2dBackward& a) {
  Layout l;
  const std::int64_t pixels = a.shape.n * a.shape.p * a.shape.q;
  if (a.y != nullptr) l.masked = even(pixels * a.shape.k);
  if (a.dx != nullptr) {
    for (std::int64_t phase = 0; phase < phases(a.shape); ++phase) {
      const std::int64_t floats = weight_floats(gather_of(a, a.dy, phase));
      if (floats > l.weights) l.weights = floats;
    }
  }
  if (a.dweight != nullptr) {
    const Gather g = gather_of_x(a);
    if (!g.by_channel()) l.slices = even(slices_of(g).count * a.shape.k * g.terms());
  }
  if (a.dbias != nullptr) l.sums = even(2 * ceil_div(pixels, kBiasPixels) * a.shape.k);
  return l;
}

constexpr std::int64_t bytes(std::int64_t floats) { return floats * static_cast<std::int64_t>(sizeof(float)); }

}  // namespace

std::int64_t tasks(const Conv2dForward&) { return 1; }
std::int64_t tasks(const Conv2dBackward&) { return 1; }

std::int64_t workspace(const Conv2dForward& args, std::int64_t) { return bytes(weight_floats(gather_of(args))); }
std::int64_t workspace(const Conv2dBackward& args, std::int64_t) {
  const Layout l = layout_of(args);
  return bytes(l.masked + l.weights + l.slices + l.sums);
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
  float* weights = masked + l.masked;
  float* results = weights + l.weights;
  auto* sums = reinterpret_cast<double*>(results + l.slices);
  if (a.y != nullptr) {
    NTL_LAUNCH(mask_by_result, blocks_for(pixels * channels, kThreads), dim3(kThreads), 0, stream_of(team), a.y, a.dy,
               masked, pixels * channels);
  }
  const float* dy = a.y != nullptr ? masked : a.dy;
  if (a.dx != nullptr) {
    for (std::int64_t phase = 0; phase < phases(a.shape); ++phase) {
      gather(gather_of(a, dy, phase), a.weight, weights, team);
    }
  }
  if (a.dweight != nullptr) {
    const Gather g = gather_of_x(a);
    if (g.by_channel()) {
      NTL_LAUNCH(conv_weights_by_channel, blocks_for(ceil_div(g.groups, kWarp) * g.taps(), 1), dim3(kThreads), 0,
                 stream_of(team), g, dy, a.dweight, a.accumulate_dweight);
    } else {
      const Slices cut = slices_of(g);
      NTL_LAUNCH(conv_weights_by_square, blocks_for(cut.count * g.groups * cut.down * cut.across, 1), dim3(kThreads), 0,
                 stream_of(team), g, dy, results, cut);
      NTL_LAUNCH(add_conv_slices, blocks_for(channels * g.terms(), kThreads), dim3(kThreads), 0, stream_of(team), g,
                 results, cut.count, a.dweight, a.accumulate_dweight);
    }
  }
  if (a.dbias != nullptr) {
    const std::int64_t slices = ceil_div(pixels, kBiasPixels);
    NTL_LAUNCH(conv_bias_by_column, blocks_for(ceil_div(channels, kWarp) * slices, 1), dim3(kThreads), 0,
               stream_of(team), dy, sums, pixels, channels);
    NTL_LAUNCH(add_bias_slices, blocks_for(channels, kThreads), dim3(kThreads), 0, stream_of(team), sums, slices,
               channels, a.dbias, a.accumulate_dbias);
  }
}

}  // namespace nautile::NTL_TARGET
