// Convolutions of few weights by CUDA: a block keeps all of them in shared memory, and the pixels that a box of results gathers.
// One launch, without the packed weights and the ring of cuda_conv.hpp, whose first slices take longer than all these sums.
#pragma once

#include "nautile/cuda_conv.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kFewThreads = 128;
constexpr std::int64_t kFewTerms = 512;        // of a result, which are added up one after the other: at most so many
constexpr std::int64_t kFewWeights = 5120;     // of a group, with what fills up the channels: 20 KiB
constexpr std::int64_t kFewShared = 64 << 10;  // bytes, what the smallest GPU has

// A thread computes kPixels x kCols results; kAcross threads lie side by side along the channels.
template <int kPixels_, int kCols_, int kAcross_>
struct Box {
  static constexpr int kPixels = kPixels_;
  static constexpr int kCols = kCols_;
  static constexpr int kAcross = kAcross_;
  static constexpr int kBelow = kFewThreads / kAcross;
  static constexpr int kHeight = kPixels * kBelow;  // pixels
  static constexpr int kWidth = kCols * kAcross;    // channels
  static constexpr int kPitch = kWidth + kFour;     // of weights, moves neighbours to other banks
};

// How a Gather is cut into boxes; follows from its shape.
struct Boxes {
  int rows;  // results of a box
  int cols;
  int down;  // boxes of a picture
  int across;
  int source_rows;  // pixels that a box gathers
  int source_cols;
  int pitch;  // floats from one of them to the next

  std::int64_t source_floats() const { return std::int64_t{source_rows} * source_cols * pitch; }
};
inline Boxes boxes_of(const Gather& g, std::int64_t height) {
  const auto cut = [](std::int64_t results, std::int64_t most, int* count) {
    *count = static_cast<int>(ceil_div(results, most < results ? most : results));
    return static_cast<int>(ceil_div(results, *count));
  };
  const auto source = [](const GatherAxis& a, std::int64_t results) {
    const std::int64_t step = a.step < 0 ? -a.step : a.step;
    return static_cast<int>((results - 1) * a.move + (a.taps - 1) * step + 1);
  };
  Boxes b{};
  b.cols = cut(g.across.results, height, &b.across);
  b.rows = cut(g.down.results, height / b.cols, &b.down);
  b.source_rows = source(g.down, b.rows);
  b.source_cols = source(g.across, b.cols);
  // threads that read the same channels of neighbouring pixels meet other banks
  b.pitch = static_cast<int>(g.depth % 8 == 0 ? g.depth + kFour : g.depth);
  return b;
}

// A Gather in 32 bits, with the weights where they lie.
struct FewGather {
  const float* x;
  const float* weight;
  const float* bias;
  float* y;
  std::int64_t n;
  int groups;
  int depth;
  int width;
  Line down;
  Line across;
  Boxes boxes;
  int first_row;  // of the source, of the first box
  int first_col;
  std::int64_t weight_group;
  int weight_in;
  int weight_out;
  bool flipped;  // taps go backwards through the weights
  bool accumulate;
  bool relu;
  bool x_fours;  // pixels are copied four channels at a time
  bool y_fours;
};

// The weights of a group, in the order of memory, so that neighbours read neighbours: channels of the source and taps
// [depth, taps], of each the results' channels; what is beyond width is not there, nor are the sums that it would go to.
template <typename B>
__device__ void keep_weights(const FewGather& g, int group, float* to) {
  const int taps = g.down.taps * g.across.taps;
  const bool out_first = g.weight_out > g.weight_in;  // channels of the result are the outer ones
  const int inner = out_first ? g.depth : g.width;
  const int outer = out_first ? g.width : g.depth;
  const float* from = g.weight + group * g.weight_group;
  const int thread = static_cast<int>(threadIdx.x);
  int tap = thread % taps;
  int in = thread / taps % inner;
  int out = thread / taps / inner;
  const int tap_step = kFewThreads % taps;
  const int in_step = kFewThreads / taps % inner;
  const int out_step = kFewThreads / taps / inner;
  for (int i = thread; i < taps * inner * outer; i += kFewThreads) {
    const int source = out_first ? in : out;
    const int term = source * taps + (g.flipped ? taps - 1 - tap : tap);
    cuda::cp_async_4(to + term * B::kPitch + (out_first ? out : in), from + i);
    tap += tap_step;
    in += in_step;
    out += out_step;
    if (tap >= taps) {
      tap -= taps;
      ++in;
    }
    if (in >= inner) {
      in -= inner;
      ++out;
    }
  }
}

// The pixels from (top, left) on of a picture's group, zeros beyond the picture: a warp for a row.
__device__ inline void keep_pixels(const FewGather& g, const float* picture, int top, int left, float* to) {
  const int unit = g.x_fours ? kFour : 1;
  const auto per_pixel = static_cast<unsigned>(g.depth / unit);
  const unsigned per_row = static_cast<unsigned>(g.boxes.source_cols) * per_pixel;
  for (int r = static_cast<int>(threadIdx.x) / kWarp; r < g.boxes.source_rows; r += kFewThreads / kWarp) {
    const bool inside = static_cast<unsigned>(top + r) < static_cast<unsigned>(g.down.extent);
    const float* row = picture + std::int64_t{top + r} * g.across.extent * g.groups * g.depth;
    float* to_row = to + r * g.boxes.source_cols * g.boxes.pitch;
    for (unsigned i = threadIdx.x % kWarp; i < per_row; i += kWarp) {
      const unsigned col = i / per_pixel;
      const int channel = static_cast<int>(i - col * per_pixel) * unit;
      const int at = left + static_cast<int>(col);
      const bool valid = inside && static_cast<unsigned>(at) < static_cast<unsigned>(g.across.extent);
      const float* from = valid ? row + std::int64_t{at} * g.groups * g.depth + channel : g.x;
      float* place = to_row + static_cast<int>(col) * g.boxes.pitch + channel;
      if (g.x_fours) {
        cuda::cp_async_16(place, from, valid);
      } else {
        cuda::cp_async_4(place, from, valid);
      }
    }
  }
  cuda::cp_async_commit();
}

// Four results beside each other from channel c on.
__device__ inline void put_four(const FewGather& g, float* y, const float* bias, int c, Pack<kFour> v) {
  const auto finish = [&](float result, float before, int e) {
    if (bias != nullptr) result += bias[c + e];
    if (g.accumulate) result += before;
    return g.relu && result <= 0.0F ? 0.0F : result;  // NaN stays
  };
  if (g.y_fours) {
    if (c >= g.width) return;
    const Pack<kFour> before = g.accumulate ? load<kFour>(y + c) : Pack<kFour>{};
    NTL_UNROLL
    for (int e = 0; e < kFour; ++e) v.v[e] = finish(v.v[e], before.v[e], e);
    store(y + c, v);
    return;
  }
  NTL_UNROLL
  for (int e = 0; e < kFour; ++e) {
    if (c + e < g.width) y[c + e] = finish(v.v[e], g.accumulate ? y[c + e] : 0.0F, e);
  }
}

// grid: x the boxes of all pictures, y the groups. Block: kFewThreads. kFours: depth is a multiple of four. Shared memory: the
// weights and the pixels of a box, up to 64 KiB. The order of a sum: taps, in a tap channels.
template <typename B, bool kFours>
__global__ void __launch_bounds__(kFewThreads, 4) gather_by_box(const __grid_constant__ FewGather g) {
  NTL_DYNAMIC_SHARED(float, shared);
  constexpr int kUnit = kFours ? kFour : 1;
  const int thread = static_cast<int>(threadIdx.x);
  const int group = static_cast<int>(blockIdx.y);
  const int terms = g.down.taps * g.across.taps * g.depth;
  float* const pixels = shared + terms * B::kPitch;
  const int member = thread % B::kAcross * kFour;
  const Boxes& boxes = g.boxes;
  int place[B::kPixels];
  NTL_UNROLL
  for (int i = 0; i < B::kPixels; ++i) {
    const int p = thread / B::kAcross + i * B::kBelow;
    const int row = p / boxes.cols;
    const int col = p - row * boxes.cols;
    place[i] =
        p < boxes.rows * boxes.cols ? (row * g.down.move * boxes.source_cols + col * g.across.move) * boxes.pitch : 0;
  }
  // where the first tap is, in a box
  const int tap_row = g.down.step < 0 ? (1 - g.down.taps) * g.down.step : 0;
  const int tap_col = g.across.step < 0 ? (1 - g.across.taps) * g.across.step : 0;
  const std::int64_t of_picture = std::int64_t{boxes.down} * boxes.across;
  bool kept = false;
  for (std::int64_t box = blockIdx.x; box < g.n * of_picture; box += gridDim.x) {
    const std::int64_t image = quotient(box, of_picture);
    const int inside = static_cast<int>(box - image * of_picture);
    const int top = inside / boxes.across * boxes.rows;
    const int left = inside % boxes.across * boxes.cols;
    if (!kept) keep_weights<B>(g, group, shared);
    kept = true;
    keep_pixels(g, g.x + image * g.down.extent * g.across.extent * g.groups * g.depth + group * g.depth,
                g.first_row + top * g.down.move, g.first_col + left * g.across.move, pixels);
    cuda::cp_async_wait<0>();
    __syncthreads();
    float sum[B::kPixels][B::kCols] = {};
    const float* w = shared + member;
    const int channel_weights = g.down.taps * g.across.taps * B::kPitch;
    for (int down = 0; down < g.down.taps; ++down) {
      for (int across = 0; across < g.across.taps; ++across) {
        const float* tap =
            pixels +
            ((tap_row + down * g.down.step) * boxes.source_cols + tap_col + across * g.across.step) * boxes.pitch;
        const float* tap_weights = w;
        w += B::kPitch;
        NTL_UNROLL_BY(kFours ? 2 : 3)
        for (int c = 0; c < g.depth; c += kUnit) {
          Pack<kUnit> x[B::kPixels];
          NTL_UNROLL
          for (int i = 0; i < B::kPixels; ++i) x[i] = load<kUnit>(tap + place[i] + c);
          NTL_UNROLL
          for (int e = 0; e < kUnit; ++e) {
            NTL_UNROLL
            for (int j = 0; j < B::kCols; j += kFour) {
              const Pack<kFour> b = load<kFour>(tap_weights + j * B::kAcross);
              NTL_UNROLL
              for (int i = 0; i < B::kPixels; ++i) {
                NTL_UNROLL
                for (int f = 0; f < kFour; ++f) sum[i][j + f] = fmaf(x[i].v[e], b.v[f], sum[i][j + f]);
              }
            }
            tap_weights += channel_weights;
          }
        }
      }
    }
    const float* bias = g.bias != nullptr ? g.bias + group * g.width : nullptr;
    NTL_UNROLL
    for (int i = 0; i < B::kPixels; ++i) {
      const int p = thread / B::kAcross + i * B::kBelow;
      const int r = p / boxes.cols;
      const int row = top + r;
      const int col = left + p - r * boxes.cols;
      if (r >= boxes.rows || row >= g.down.results || col >= g.across.results) continue;
      const std::int64_t at = (image * g.down.places + g.down.place + row * g.down.place_step) * g.across.places +
                              g.across.place + col * g.across.place_step;
      float* y = g.y + at * g.groups * g.width + group * g.width;
      NTL_UNROLL
      for (int j = 0; j < B::kCols; j += kFour) {
        const Pack<kFour> v{{sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]}};
        put_four(g, y, bias, member + j * B::kAcross, v);
      }
    }
    __syncthreads();  // the pixels are written again for the next box
  }
}

// f(Box) of so many channels.
template <typename F>
auto with_box(std::int64_t width, F&& f) {
  if (width <= 4) return f(Box<2, 4, 1>{});
  if (width <= 8) return f(Box<2, 4, 2>{});
  if (width <= 16) return f(Box<2, 4, 4>{});
  return f(Box<4, 8, 4>{});
}

// Whether the taps are those of the whole kernel, forwards or backwards.
inline bool whole_kernel(const Gather& g) {
  const auto at = [&](std::int64_t tap) { return g.weight(tap / g.across.taps, tap % g.across.taps); };
  const std::int64_t taps = g.taps();
  const bool backwards = at(0) > 0;
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    if (at(tap) != (backwards ? taps - 1 - tap : tap)) return false;
  }
  const bool out_first = g.weight_out > g.weight_in;
  const std::int64_t inner = out_first ? g.depth : g.width;
  const std::int64_t outer = out_first ? g.width : g.depth;
  return (out_first ? g.weight_in : g.weight_out) == taps &&
         (outer == 1 || (out_first ? g.weight_out : g.weight_in) == taps * inner);
}

// Whether the weights and a box's pixels fit, and boxes are not mostly empty.
inline bool in_boxes(const Gather& g) {
  if (g.by_channel() || !in_32_bits(g) || g.width > 32 || g.terms() == 0 || g.terms() > kFewTerms) return false;
  if (g.pixels() == 0 || g.width == 0 || g.groups > 65535) return false;
  return with_box(g.width, [&](auto box) {
    using B = decltype(box);
    if (g.terms() * B::kPitch > kFewWeights || !whole_kernel(g)) return false;
    const auto small = [](const GatherAxis& a) { return a.move < 8 && a.step < 8 && a.step > -8; };
    if (!small(g.down) || !small(g.across)) return false;
    const Boxes b = boxes_of(g, B::kHeight);
    const std::int64_t bytes = (g.terms() * B::kPitch + b.source_floats()) * static_cast<std::int64_t>(sizeof(float));
    return 2 * b.rows * b.cols >= B::kHeight && bytes <= kFewShared;
  });
}

template <typename B>
void launch_boxes(const Gather& g, const float* weight, const Team& team) {
  const auto i = [](std::int64_t v) { return static_cast<int>(v); };
  const Boxes b = boxes_of(g, B::kHeight);
  const bool fours = g.depth % kFour == 0;
  const auto lowest = [](const GatherAxis& a) { return a.first + (a.step < 0 ? (a.taps - 1) * a.step : 0); };
  const FewGather few{g.x,
                      weight,
                      g.bias,
                      g.y,
                      g.n,
                      i(g.groups),
                      i(g.depth),
                      i(g.width),
                      line_of(g.down),
                      line_of(g.across),
                      b,
                      i(lowest(g.down)),
                      i(lowest(g.across)),
                      g.weight_group,
                      i(g.weight_in),
                      i(g.weight_out),
                      g.weight(0, 0) > 0,
                      g.accumulate,
                      g.relu,
                      fours && aligned(g.x),
                      g.width % kFour == 0 && aligned(g.y)};
  const std::size_t bytes = static_cast<std::size_t>(g.terms() * B::kPitch + b.source_floats()) * sizeof(float);
  dim3 grid = blocks_for(g.n * b.down * b.across, 1);
  grid.y = static_cast<unsigned>(g.groups);
  if (fours) {
    static_cast<void>(allow_shared(&gather_by_box<B, true>, bytes));  // the launch tells
    NTL_LAUNCH((gather_by_box<B, true>), grid, dim3(kFewThreads), bytes, stream_of(team), few);
  } else {
    static_cast<void>(allow_shared(&gather_by_box<B, false>, bytes));
    NTL_LAUNCH((gather_by_box<B, false>), grid, dim3(kFewThreads), bytes, stream_of(team), few);
  }
}

inline void gather_in_boxes(const Gather& g, const float* weight, const Team& team) {
  with_box(g.width, [&](auto box) { launch_boxes<decltype(box)>(g, weight, team); });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
