// Convolutions as products of matrices of which one is never there: the pixels that a result gathers are copied to shared
// memory from where they lie in x, four channels at a time where the memory allows it.
//
// A block computes a tile of results, a thread kRows x kCols of them in registers. Slices of 16 terms go through shared
// memory in a ring of three: while one is multiplied, the next two are on their way (cp.async). After kSumTerms the sums are
// added to the results in memory, which saves the registers of a second set of sums. The order of a sum depends on the shape
// alone.
#pragma once

#include <cstdint>

#include "nautile/conv_gather.hpp"
#include "nautile/cuda_group.hpp"
#include "nautile/cuda_sum.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kSliceTerms = 16;
constexpr int kStages = 3;
constexpr int kPartSlices = kSumTerms / kSliceTerms;
constexpr int kPitch = kSliceTerms + kFour;    // moves the pixels of a slice to other banks
constexpr int kNowhere = -(1 << 30);           // a row or column outside, whatever is added
constexpr std::int64_t kMostPlaces = 1 << 28;  // what is computed in 32 bits stays below
constexpr int kMostPhases = 4;                 // of one launch
constexpr std::int64_t kFullGpu = 128;         // tiles, about one for each processor of a large GPU

// A thread computes kRows x kCols results; a warp has kLanes threads down; a block kDown x kAcross warps. On a processor
// there is room for kBlocks blocks.
template <int kRows_, int kCols_, int kLanes_, int kDown_, int kAcross_, int kBlocks_>
struct Tile {
  static constexpr int kRows = kRows_;
  static constexpr int kCols = kCols_;
  static constexpr int kLanes = kLanes_;
  static constexpr int kAcross = kAcross_;
  static constexpr int kBlocks = kBlocks_;
  static constexpr int kSize = kDown_ * kAcross_ * kWarp;  // threads
  static constexpr int kRun = kFour * kWarp / kLanes;      // of neighbouring threads: columns
  static constexpr int kHeight = kRows * kLanes * kDown_;
  static constexpr int kWidth = kCols / kFour * kRun * kAcross;
};
using Wide = Tile<8, 8, 8, 2, 2, 2>;        // 128 x 64
using Tall = Tile<8, 8, 8, 2, 1, 4>;        // 128 x 32
using Square = Tile<8, 8, 8, 1, 2, 6>;      // 64 x 64
using WideSums = Tile<8, 8, 8, 2, 2, 3>;    // of the gradient by the weights: 128 x 64
using Small = Tile<4, 4, 8, 2, 2, 3>;       // 64 x 32
using Slim = Tile<4, 4, 8, 2, 1, 6>;        // 64 x 16
using UpToEight = Tile<1, 8, 32, 2, 1, 8>;  // 64 x 8
using UpToFour = Tile<2, 4, 32, 2, 1, 6>;   // 128 x 4

struct Pixel {
  std::int64_t image;
  int row;
  int col;
};
__device__ inline Pixel pixel_of(std::int64_t number, int rows, int cols) {
  if (number <= INT32_MAX) {
    const auto n = static_cast<unsigned>(number);
    const unsigned line = n / static_cast<unsigned>(cols);
    return {line / static_cast<unsigned>(rows), static_cast<int>(line % static_cast<unsigned>(rows)),
            static_cast<int>(n % static_cast<unsigned>(cols))};
  }
  const std::int64_t line = number / cols;
  return {line / rows, static_cast<int>(line % rows), static_cast<int>(number % cols)};
}

// A GatherAxis in 32 bits.
struct Line {
  int results;
  int place;
  int place_step;
  int places;
  int taps;
  int first;
  int move;
  int step;
  int extent;
};

inline Line line_of(const GatherAxis& a) {
  const auto i = [](std::int64_t v) { return static_cast<int>(v); };
  return {i(a.results), i(a.place), i(a.place_step), i(a.places), i(a.taps),
          i(a.first),   i(a.move),  i(a.step),       i(a.extent)};
}

inline bool in_32_bits(const GatherAxis& a) {
  const auto small = [](std::int64_t v) { return v > -kMostPlaces && v < kMostPlaces; };
  return small(a.extent) && small(a.places) && small(a.first) && small(a.results) && small(a.move) && small(a.taps) &&
         small(a.step) && small(a.results * a.move) && small(a.taps * a.step);
}
inline bool in_32_bits(const Gather& g) {
  // the images that the pixels of a tile lie in
  const std::int64_t results = g.down.results * g.across.results;
  const std::int64_t images = 2 + 128 / (results > 0 ? results : 1);
  return in_32_bits(g.down) && in_32_bits(g.across) &&
         static_cast<double>(images * g.down.extent) * static_cast<double>(g.across.extent * g.groups * g.depth) <
             INT32_MAX &&
         g.groups * (g.width + kFour) * g.terms() < INT32_MAX;
}

inline std::int64_t packed_line(const Gather& g) { return ceil_div(g.width, kFour) * kFour; }
inline std::int64_t packed_floats(const Gather& g) { return g.groups * g.terms() * packed_line(g); }

// Gathers that differ by where they read and write: the phases of a gradient by x.
struct Phase {
  Line down;
  Line across;
  std::int64_t packed;  // where its weights begin
  std::int64_t weight;  // the kernel's element of the first tap
  std::int64_t weight_down;
  std::int64_t weight_across;
};
struct Gathers {
  const float* x;
  const float* bias;
  float* y;
  const float* packed;  // by phases [groups, taps, depth, line]
  std::int64_t n;
  int groups;
  int depth;
  int width;
  int line;
  bool accumulate;
  bool relu;
  bool fours;  // results are written four at a time
  Phase phases[kMostPhases];
  // so many products like this one, whose x, weights and results lie so far apart
  int points = 1;
  std::int64_t x_point = 0;
  std::int64_t packed_point = 0;
  std::int64_t y_point = 0;
};

// How a Gathers is packed: weights [groups, taps, depth, line], beyond width zeros, a thread for each. grid: y the phases.
__global__ void __launch_bounds__(kThreads)
    pack_conv_weights(const __grid_constant__ Gathers g, const float* weight, float* packed, std::int64_t weight_group,
                      std::int64_t weight_in, std::int64_t weight_out) {
  const Phase& phase = g.phases[blockIdx.y];
  const auto line = static_cast<unsigned>(g.line);
  const auto depth = static_cast<unsigned>(g.depth);
  const unsigned taps = static_cast<unsigned>(phase.down.taps) * static_cast<unsigned>(phase.across.taps);
  for_items(static_cast<unsigned>(g.groups) * taps * depth * line, [&](unsigned i) {
    const unsigned out = i % line;
    const unsigned row = i / line;
    const unsigned in = row % depth;
    const unsigned tap = row / depth % taps;
    const auto across = static_cast<unsigned>(phase.across.taps);
    packed[phase.packed + i] =
        out < static_cast<unsigned>(g.width)
            ? weight[row / depth / taps * weight_group + in * weight_in + out * weight_out + phase.weight +
                     tap / across * phase.weight_down + tap % across * phase.weight_across]
            : 0.0F;
  });
}

template <typename T>
using Sums = float[T::kRows][T::kCols];

// Whether sums go to the results after a slice: parts end, and all of them.
__device__ inline bool part_ends(int slice, int slices) {
  return slice + 1 >= slices || (slice + 1) % kPartSlices == 0;
}

template <typename T>
__device__ void add_products(const float (&a)[T::kRows], const float* b_row, Sums<T>& sum) {
  NTL_UNROLL
  for (int j = 0; j < T::kCols; j += kFour) {
    const Pack<kFour> b = load<kFour>(b_row + j / kFour * T::kRun);
    NTL_UNROLL
    for (int i = 0; i < T::kRows; ++i) {
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) sum[i][j + e] = fmaf(a[i], b.v[e], sum[i][j + e]);
    }
  }
}

// Where a thread's sums lie in the tile: rows row + i * kLanes (or runs of four), columns col + j * kRun.
template <typename T>
__device__ int tile_row() {
  const int thread = static_cast<int>(threadIdx.x);
  return thread / kWarp / T::kAcross * T::kRows * T::kLanes;
}
template <typename T>
__device__ int tile_col() {
  const int thread = static_cast<int>(threadIdx.x);
  return thread / kWarp % T::kAcross * (T::kCols / kFour) * T::kRun + thread % kWarp / T::kLanes * kFour;
}

// ------------------------------------------------------------------------------------------------ the gather

// Counts terms: the tap and the channel.
struct Term {
  int down;
  int across;
  int channel;

  __device__ void advance(int by, int depth, int taps_across) {
    channel += by;
    while (channel >= depth) {
      channel -= depth;
      if (++across == taps_across) {
        across = 0;
        ++down;
      }
    }
  }
};

// Adds the sums to results, or moves them there for the first part, and leaves zeros. The last part brings the bias.
template <typename T>
__device__ void put_results(const Gathers& g, const Phase& phase, std::int64_t first, int channel, int group, bool add,
                            bool last, Sums<T>& sum) {
  const std::int64_t pixels = g.n * phase.down.results * phase.across.results;
  const std::int64_t pitch = std::int64_t{g.groups} * g.width;
  const int row = tile_row<T>() + static_cast<int>(threadIdx.x) % T::kLanes;
  NTL_UNROLL
  for (int i = 0; i < T::kRows; ++i) {
    const std::int64_t number = first + row + i * T::kLanes;
    if (number >= pixels) break;
    const Pixel at = pixel_of(number, phase.down.results, phase.across.results);
    const std::int64_t place =
        (at.image * phase.down.places + phase.down.place + at.row * phase.down.place_step) * phase.across.places +
        phase.across.place + at.col * phase.across.place_step;
    float* y = g.y + blockIdx.z * g.y_point + place * pitch + std::int64_t{group} * g.width;
    const float* bias = last && g.bias != nullptr ? g.bias + std::int64_t{group} * g.width : nullptr;
    NTL_UNROLL
    for (int j = 0; j < T::kCols; j += kFour) {
      const int c = channel + j / kFour * T::kRun;
      Pack<kFour> v;
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) {
        v.v[e] = sum[i][j + e] + (bias != nullptr && c + e < g.width ? bias[c + e] : 0.0F);
      }
      const auto finish = [&](float result, float before) {
        if (add) result += before;
        return last && g.relu && result <= 0.0F ? 0.0F : result;  // NaN stays
      };
      if (g.fours) {
        if (c < g.width) {
          const Pack<kFour> before = add ? load<kFour>(y + c) : Pack<kFour>{};
          NTL_UNROLL
          for (int e = 0; e < kFour; ++e) v.v[e] = finish(v.v[e], before.v[e]);
          store(y + c, v);
        }
      } else {
        NTL_UNROLL
        for (int e = 0; e < kFour; ++e) {
          if (c + e < g.width) y[c + e] = finish(v.v[e], add ? y[c + e] : 0.0F);
        }
      }
    }
  }
  NTL_UNROLL
  for (int i = 0; i < T::kRows; ++i) {
    NTL_UNROLL
    for (int j = 0; j < T::kCols; ++j) sum[i][j] = 0.0F;
  }
}

// grid: x the tiles of all groups, those of the same pixels side by side; y the phases, z the points. Block: T::kSize threads.
// kFours: x is copied four channels at a time. Shared memory: up to 42 KiB.
template <typename T, bool kFours>
__global__ void __launch_bounds__(T::kSize, T::kBlocks) gather_by_tile(const __grid_constant__ Gathers g) {
  NTL_SHARED(float, x_slices, [kStages][T::kHeight][kPitch]);
  NTL_SHARED(float, weight_slices, [kStages][kSliceTerms][T::kWidth]);
  constexpr int kMine = T::kSize / kFour;  // pixels copied at a time
  constexpr int kTurns = T::kHeight / kMine;
  const Phase& phase = g.phases[blockIdx.y];
  const int thread = static_cast<int>(threadIdx.x);
  const int mine = thread / kFour;
  const int chunk = thread % kFour * kFour;
  const int row = tile_row<T>() + thread % T::kLanes;
  const int col = tile_col<T>();
  const int terms = phase.down.taps * phase.across.taps * g.depth;
  const int slices = (terms + kSliceTerms - 1) / kSliceTerms;
  const std::int64_t pixels = g.n * phase.down.results * phase.across.results;
  const std::int64_t pitch = std::int64_t{g.groups} * g.depth;
  const std::int64_t across = ceil_div(g.width, T::kWidth);
  const std::int64_t tiles = ceil_div(pixels, T::kHeight) * across;
  for (std::int64_t s = blockIdx.x; s < g.groups * tiles; s += gridDim.x) {
    const int group = static_cast<int>(s / tiles);
    const std::int64_t top = s % tiles / across * T::kHeight;
    const int left = static_cast<int>(s % across) * T::kWidth;
    const float* weights =
        g.packed + blockIdx.z * g.packed_point + phase.packed + std::int64_t{group} * terms * g.line + left;
    // places count from the image of the first pixel, modulo 2^32 where they lie outside
    const std::int64_t image = pixel_of(top, phase.down.results, phase.across.results).image;
    const float* images = g.x + blockIdx.z * g.x_point + image * phase.down.extent * phase.across.extent * pitch +
                          std::int64_t{group} * g.depth;
    unsigned from[kTurns];
    int first_row[kTurns];
    int first_col[kTurns];
    NTL_UNROLL
    for (int turn = 0; turn < kTurns; ++turn) {
      const std::int64_t number = top + mine + turn * kMine;
      const Pixel at = pixel_of(number < pixels ? number : 0, phase.down.results, phase.across.results);
      const int r = phase.down.first + at.row * phase.down.move;
      first_row[turn] = number < pixels ? r : kNowhere;
      first_col[turn] = phase.across.first + at.col * phase.across.move;
      from[turn] = ((static_cast<unsigned>(at.image - image) * static_cast<unsigned>(phase.down.extent) +
                     static_cast<unsigned>(r)) *
                        static_cast<unsigned>(phase.across.extent) +
                    static_cast<unsigned>(first_col[turn])) *
                   static_cast<unsigned>(pitch);
    }
    Term term{0, 0, 0};
    if (slices > 0) term.advance(chunk, g.depth, phase.across.taps);
    const auto copy = [&](int slice, int stage) {
      if (slice < slices) {
        Term t = term;
        NTL_UNROLL
        for (int e = 0; e < (kFours ? 1 : kFour); ++e) {
          const int r = t.down * phase.down.step;
          const int c = t.across * phase.across.step;
          const unsigned shift =
              (static_cast<unsigned>(r) * static_cast<unsigned>(phase.across.extent) + static_cast<unsigned>(c)) *
                  static_cast<unsigned>(pitch) +
              static_cast<unsigned>(t.channel);
          NTL_UNROLL
          for (int turn = 0; turn < kTurns; ++turn) {
            const bool valid = t.down < phase.down.taps &&
                               static_cast<unsigned>(first_row[turn] + r) < static_cast<unsigned>(phase.down.extent) &&
                               static_cast<unsigned>(first_col[turn] + c) < static_cast<unsigned>(phase.across.extent);
            const float* x = valid ? images + static_cast<int>(from[turn] + shift) : g.x;
            float* to = &x_slices[stage][mine + turn * kMine][chunk + e];
            if constexpr (kFours) {
              cuda::cp_async_16(to, x, valid);
            } else {
              cuda::cp_async_4(to, x, valid);
            }
          }
          if constexpr (!kFours) t.advance(1, g.depth, phase.across.taps);
        }
        term.advance(kSliceTerms, g.depth, phase.across.taps);
        constexpr int kChunks = T::kWidth / kFour;
        NTL_UNROLL
        for (int i = thread; i < kSliceTerms * kChunks; i += T::kSize) {
          const int p = i / kChunks;
          const int c = i % kChunks * kFour;
          const bool valid = slice * kSliceTerms + p < terms && left + c < g.line;
          cuda::cp_async_16(&weight_slices[stage][p][c],
                            valid ? weights + std::int64_t{slice * kSliceTerms + p} * g.line + c : g.packed, valid);
        }
      }
      cuda::cp_async_commit();
    };

    Sums<T> sum = {};
    int stage = 0;
    NTL_UNROLL
    for (int ahead = 0; ahead < kStages - 1; ++ahead) copy(ahead, ahead);
    for (int slice = 0; slice == 0 || slice < slices; ++slice) {
      cuda::cp_async_wait<kStages - 2>();
      __syncthreads();  // the slice is there, and the one before is no longer read
      copy(slice + kStages - 1, stage == 0 ? kStages - 1 : stage - 1);
      NTL_UNROLL
      for (int p = 0; p < kSliceTerms && slices > 0; p += kFour) {
        Pack<kFour> x[T::kRows];
        NTL_UNROLL
        for (int i = 0; i < T::kRows; ++i) x[i] = load<kFour>(&x_slices[stage][row + i * T::kLanes][p]);
        NTL_UNROLL
        for (int e = 0; e < kFour; ++e) {
          float a[T::kRows];
          NTL_UNROLL
          for (int i = 0; i < T::kRows; ++i) a[i] = x[i].v[e];
          add_products<T>(a, &weight_slices[stage][p + e][col], sum);
        }
      }
      stage = stage + 1 == kStages ? 0 : stage + 1;
      if (part_ends(slice, slices)) {
        put_results<T>(g, phase, top, left + col, group, g.accumulate || slice >= kPartSlices, slice + 1 >= slices,
                       sum);
      }
    }
    __syncthreads();  // the slices are written again for the next tile
  }
}

// ------------------------------------------------------------------------------------------------ by the weights

// Products of x, as the forward pass gathers it, with dy, over all pixels, which are cut into `parts`.
struct WeightSums {
  const float* x;
  const float* dy;
  float* results;  // [parts, points, groups, terms, width]
  Line down;
  Line across;
  std::int64_t pixels;
  std::int64_t parts;
  int groups;
  int depth;
  int width;
  bool accumulate = false;
  // so many products like this one, whose x and dy lie so far apart
  int points = 1;
  std::int64_t x_point = 0;
  std::int64_t dy_point = 0;
};

// Adds the sums to a tile of results, or moves them there for the first part, and leaves zeros.
template <typename T, bool kFours>
__device__ void put_weight_sums(float* results, int height, int width, std::int64_t pitch, bool add, Sums<T>& sum) {
  const int row = tile_row<T>() + static_cast<int>(threadIdx.x) % T::kLanes * kFour;
  const int col = tile_col<T>();
  NTL_UNROLL
  for (int i = 0; i < T::kRows; ++i) {
    const int r = row + i / kFour * kFour * T::kLanes + i % kFour;
    NTL_UNROLL
    for (int j = 0; j < T::kCols; j += kFour) {
      const int c = col + j / kFour * T::kRun;
      float* to = results + r * pitch + c;
      if constexpr (kFours) {
        if (r < height && c < width) {
          Pack<kFour> v = add ? load<kFour>(to) : Pack<kFour>{};
          NTL_UNROLL
          for (int e = 0; e < kFour; ++e) v.v[e] += sum[i][j + e];
          store(to, v);
        }
      } else {
        NTL_UNROLL
        for (int e = 0; e < kFour; ++e) {
          if (r < height && c + e < width) to[e] = (add ? to[e] : 0.0F) + sum[i][j + e];
        }
      }
      NTL_UNROLL
      for (int e = 0; e < kFour; ++e) sum[i][j + e] = 0.0F;
    }
  }
}

// grid: x the tiles of all groups and parts, those of a part side by side; z the points. Block: T::kSize threads. kFours: pixels
// are copied four channels at a time. Shared memory: up to 36 KiB.
template <typename T, bool kFours>
__global__ void __launch_bounds__(T::kSize, T::kBlocks) conv_weights_by_tile(const __grid_constant__ WeightSums g) {
  static_assert(T::kRows % kFour == 0);
  NTL_SHARED(float, x_slices, [kStages][kSliceTerms][T::kHeight]);
  NTL_SHARED(float, dy_slices, [kStages][kSliceTerms][T::kWidth]);
  constexpr int kPer = T::kSize / kSliceTerms;  // threads that copy a pixel
  constexpr int kTurns = T::kHeight / kFour / kPer;
  constexpr int kElements = kFours ? 1 : kFour;
  constexpr int kRowRun = kFour * T::kLanes;
  const int thread = static_cast<int>(threadIdx.x);
  const int mine = thread / kPer;
  const int member = thread % kPer;
  const int row = tile_row<T>() + thread % T::kLanes * kFour;
  const int col = tile_col<T>();
  const int terms = g.down.taps * g.across.taps * g.depth;
  const std::int64_t pitch = std::int64_t{g.groups} * g.depth;
  const std::int64_t channels = std::int64_t{g.groups} * g.width;
  const int across = (g.width + T::kWidth - 1) / T::kWidth;
  const int tiles = (terms + T::kHeight - 1) / T::kHeight * across;
  // 16 pixels further on
  const int step_col = kSliceTerms % g.across.results;
  const int step_row = kSliceTerms / g.across.results % g.down.results;
  const int step_image = kSliceTerms / g.across.results / g.down.results;
  for (std::int64_t s = blockIdx.x; s < g.parts * g.groups * tiles; s += gridDim.x) {
    const std::int64_t part = s / (std::int64_t{g.groups} * tiles);
    const int group = static_cast<int>(s / tiles % g.groups);
    const int tile = static_cast<int>(s % tiles);
    const int top = tile / across * T::kHeight;
    const int left = tile % across * T::kWidth;
    const std::int64_t begin = g.pixels * part / g.parts;
    const std::int64_t end = g.pixels * (part + 1) / g.parts;
    const int slices = static_cast<int>(ceil_div(end - begin, kSliceTerms));
    int tap_row[kTurns][kElements];
    int tap_col[kTurns][kElements];
    int shift[kTurns][kElements];  // from a pixel's place to its channel at the tap
    NTL_UNROLL
    for (int turn = 0; turn < kTurns; ++turn) {
      NTL_UNROLL
      for (int e = 0; e < kElements; ++e) {
        const int t = top + (member + turn * kPer) * kFour + e;
        const int tap = t / g.depth;
        const int r = tap / g.across.taps * g.down.step;
        const int c = tap % g.across.taps * g.across.step;
        tap_row[turn][e] = t < terms ? r : kNowhere;
        tap_col[turn][e] = c;
        shift[turn][e] = static_cast<int>(
            (static_cast<unsigned>(r) * static_cast<unsigned>(g.across.extent) + static_cast<unsigned>(c)) *
                static_cast<unsigned>(pitch) +
            static_cast<unsigned>(t % g.depth));
      }
    }
    std::int64_t number = begin + mine;
    Pixel at = pixel_of(number, g.down.results, g.across.results);
    const float* up = g.dy + blockIdx.z * g.dy_point + number * channels + std::int64_t{group} * g.width + left;
    const auto copy = [&](int slice, int stage) {
      if (slice < slices) {
        const bool inside = number < end;
        const int r = g.down.first + at.row * g.down.move;
        const int c = g.across.first + at.col * g.across.move;
        const std::int64_t from = ((at.image * g.down.extent + r) * g.across.extent + c) * pitch +
                                  std::int64_t{group} * g.depth + blockIdx.z * g.x_point;
        NTL_UNROLL
        for (int turn = 0; turn < kTurns; ++turn) {
          NTL_UNROLL
          for (int e = 0; e < kElements; ++e) {
            const bool valid = inside &&
                               static_cast<unsigned>(r + tap_row[turn][e]) < static_cast<unsigned>(g.down.extent) &&
                               static_cast<unsigned>(c + tap_col[turn][e]) < static_cast<unsigned>(g.across.extent);
            const float* x = valid ? g.x + from + shift[turn][e] : g.x;
            float* to = &x_slices[stage][mine][(member + turn * kPer) * kFour + e];
            if constexpr (kFours) {
              cuda::cp_async_16(to, x, valid);
            } else {
              cuda::cp_async_4(to, x, valid);
            }
          }
        }
        constexpr int kUnit = kFours ? kFour : 1;
        NTL_UNROLL
        for (int i = member * kUnit; i < T::kWidth; i += kPer * kUnit) {
          const bool valid = inside && left + i < g.width;
          const float* y = valid ? up + i : g.dy;
          if constexpr (kFours) {
            cuda::cp_async_16(&dy_slices[stage][mine][i], y, valid);
          } else {
            cuda::cp_async_4(&dy_slices[stage][mine][i], y, valid);
          }
        }
        number += kSliceTerms;
        up += kSliceTerms * channels;
        at.col += step_col;
        at.row += step_row;
        at.image += step_image;
        if (at.col >= g.across.results) {
          at.col -= g.across.results;
          ++at.row;
        }
        if (at.row >= g.down.results) {
          at.row -= g.down.results;
          ++at.image;
        }
      }
      cuda::cp_async_commit();
    };

    Sums<T> sum = {};
    float* results = g.results + (((part * g.points + blockIdx.z) * g.groups + group) * terms + top) * g.width + left;
    int stage = 0;
    NTL_UNROLL
    for (int ahead = 0; ahead < kStages - 1; ++ahead) copy(ahead, ahead);
    for (int slice = 0; slice == 0 || slice < slices; ++slice) {
      cuda::cp_async_wait<kStages - 2>();
      __syncthreads();  // the slice is there, and the one before is no longer read
      copy(slice + kStages - 1, stage == 0 ? kStages - 1 : stage - 1);
      NTL_UNROLL
      for (int p = 0; p < kSliceTerms && slices > 0; ++p) {
        float a[T::kRows];
        NTL_UNROLL
        for (int i = 0; i < T::kRows; i += kFour) {
          const Pack<kFour> x = load<kFour>(&x_slices[stage][p][row + i / kFour * kRowRun]);
          NTL_UNROLL
          for (int e = 0; e < kFour; ++e) a[i + e] = x.v[e];
        }
        add_products<T>(a, &dy_slices[stage][p][col], sum);
      }
      stage = stage + 1 == kStages ? 0 : stage + 1;
      if (part_ends(slice, slices)) {
        put_weight_sums<T, kFours>(results, terms - top, g.width - left, g.width, g.accumulate || slice >= kPartSlices,
                                   sum);
      }
    }
    __syncthreads();  // the slices are written again for the next tile
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
