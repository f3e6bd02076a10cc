// Convolutions on the tensor cores of Hopper: the product of cuda_wgmma_gemm.hpp, float32 as six products of parts of bf16,
// whose rows are pixels as a tap meets them.
//
// x and the weights are split into parts in the workspace, x as it lies, the weights as a matrix [width, depth] for each tap.
// A tile's 128 results are a box of rows, columns and pictures; for each tap the TMA copies the pixels that they gather, zeros
// beyond the picture, and so the pixels of all taps are never written side by side. Terms are added up tap by tap.
#pragma once

#include "nautile/cuda_wgmma_gemm.hpp"
#include "nautile/cuda_winograd.hpp"

namespace nautile::NTL_TARGET {
namespace {

#if defined(__CUDACC__)

// How results are cut into boxes of up to kTileRows; follows from the shape.
struct PixelBoxes {
  int rows;
  int cols;
  int images;
  std::int64_t down;  // boxes
  std::int64_t across;
  std::int64_t deep;

  NTL_HOST_DEVICE int pixels() const { return rows * cols * images; }
  std::int64_t count() const { return down * across * deep; }
};
inline PixelBoxes pixel_boxes_of(const Gather& g) {
  constexpr std::int64_t kMost = kTileRows;
  const auto least = [](std::int64_t a, std::int64_t b) { return a < b ? a : b; };
  const std::int64_t cols = least(g.across.results, kMost);
  const std::int64_t rows = least(g.down.results, kMost / cols);
  const std::int64_t images = cols == g.across.results && rows == g.down.results ? kMost / (rows * cols) : 1;
  return {static_cast<int>(rows),         static_cast<int>(cols),           static_cast<int>(least(images, g.n)),
          ceil_div(g.down.results, rows), ceil_div(g.across.results, cols), ceil_div(g.n, least(images, g.n))};
}

// A Gather whose taps follow one another in the weights.
struct TensorGather {
  const float* x;
  const float* weight;  // of the first tap
  const float* bias;
  float* y;
  std::int64_t n;
  int depth;
  int width;
  Line down;
  Line across;
  PixelBoxes boxes;
  std::int64_t tiles_wide;
  std::int64_t tiles;
  std::int64_t weight_in;
  std::int64_t weight_out;
  std::int64_t weight_tap;
  bool accumulate;
  bool relu;
  bool pairs;  // results are written two at a time
};

struct PixelPlace {
  std::int64_t image;
  int row;
  int col;
  int left;
};

// One result in float32, for those whose parts made no finite one.
__device__ inline float exact_result(const TensorGather& g, std::int64_t image, int row, int col, int channel) {
  float total = 0.0F;
  float sum = 0.0F;
  int terms = 0;
  for (int tap = 0; tap < g.down.taps * g.across.taps; ++tap) {
    const int r = g.down.first + row * g.down.move + tap / g.across.taps * g.down.step;
    const int c = g.across.first + col * g.across.move + tap % g.across.taps * g.across.step;
    if (r < 0 || r >= g.down.extent || c < 0 || c >= g.across.extent) continue;
    const float* x = g.x + ((image * g.down.extent + r) * g.across.extent + c) * g.depth;
    const float* w = g.weight + tap * g.weight_tap + channel * g.weight_out;
    for (int p = 0; p < g.depth; ++p) {
      sum = fmaf(x[p], w[p * g.weight_in], sum);
      if (++terms % kSumTerms == 0) {
        total += sum;
        sum = 0.0F;
      }
    }
    if (isnan(total)) break;
  }
  return total + sum;
}

// Tiles of results, for multiply_by_warp_groups.
template <typename Shape>
struct PixelTiles {
  const CUtensorMap& a_map;
  const CUtensorMap& b_map;
  const TensorGather& g;

  __device__ std::int64_t count() const { return g.tiles; }
  __device__ int chunks() const { return g.depth / Shape::kDepth; }
  __device__ int slabs() const { return g.down.taps * g.across.taps * chunks(); }
  __device__ unsigned bytes() const {
    return static_cast<unsigned>(Shape::kParts * (g.boxes.pixels() * Shape::kRow + Shape::kB));
  }
  __device__ PixelPlace place(std::int64_t t) const {
    const std::int64_t box = t / g.tiles_wide;
    const std::int64_t line = box / g.boxes.across;
    return {line / g.boxes.down * g.boxes.images, static_cast<int>(line % g.boxes.down) * g.boxes.rows,
            static_cast<int>(box % g.boxes.across) * g.boxes.cols, static_cast<int>(t % g.tiles_wide) * Shape::kWide};
  }

  __device__ void copy(unsigned char* to, std::uint64_t* barrier, const PixelPlace& place, int slab) const {
    const int tap = slab / chunks();
    const int channel = slab % chunks() * Shape::kDepth;
    const int row = g.down.first + place.row * g.down.move + tap / g.across.taps * g.down.step;
    const int col = g.across.first + place.col * g.across.move + tap % g.across.taps * g.across.step;
    NTL_UNROLL
    for (int part = 0; part < Shape::kParts; ++part) {
      cuda::copy_box(to + part * Shape::kA, a_map, barrier,
                     cuda::BoxPlace{{channel, col, row, static_cast<int>(place.image), part}});
      cuda::copy_box(to + Shape::kParts * Shape::kA + part * Shape::kB, b_map, barrier, channel, place.left,
                     tap * Shape::kParts + part);
    }
  }

  __device__ float finished(float v, int channel, const float* y) const {
    if (g.bias != nullptr) v += g.bias[channel];
    if (g.accumulate) v += *y;
    return g.relu && v <= 0.0F ? 0.0F : v;  // NaN stays
  }

  __device__ void put(const PixelPlace& place, int first_row, int first_col, const float (&sum)[Shape::kSums]) const {
    constexpr int kEights = Shape::kWide / 8;
    NTL_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int p = first_row + half * 8;
      const int line = p / g.boxes.cols;
      const std::int64_t image = place.image + line / g.boxes.rows;
      const int row = place.row + line % g.boxes.rows;
      const int col = place.col + p % g.boxes.cols;
      if (p >= g.boxes.pixels() || image >= g.n || row >= g.down.results || col >= g.across.results) continue;
      float* y = g.y + ((image * g.down.places + g.down.place + row * g.down.place_step) * g.across.places +
                        g.across.place + col * g.across.place_step) *
                           g.width;
      Missing missing = 0;
      NTL_UNROLL
      for (int j = 0; j < kEights; ++j) {
        const int c = place.left + j * 8 + first_col;
        const float one = sum[4 * j + 2 * half];
        const float two = sum[4 * j + 2 * half + 1];
        if (c >= g.width) continue;  // an even number of channels
        if (!isfinite(one) || !isfinite(two)) {
          missing |= Missing{1} << j;
        } else if (g.pairs) {
          store(y + c, Pack<2>{{finished(one, c, y + c), finished(two, c + 1, y + c + 1)}});
        } else {
          y[c] = finished(one, c, y + c);
          y[c + 1] = finished(two, c + 1, y + c + 1);
        }
      }
      for (int j = 0; missing != 0; ++j, missing >>= 1) {
        if ((missing & 1) == 0) continue;
        for (int c = place.left + j * 8 + first_col, e = 0; e < 2; ++c, ++e) {
          y[c] = finished(exact_result(g, image, row, col, c), c, y + c);
        }
      }
    }
  }
};

// grid: processors, or tiles if fewer. Block: 384 threads, three warp groups. Shared memory: Shape::kShared, 193 or 217 KiB, so
// one block a processor. Registers: 40 for the copying warp group, 232 for the others.
template <typename Shape>
__global__ void __launch_bounds__(kHopperThreads, 1)
    gather_by_warp_groups(const __grid_constant__ CUtensorMap x_map, const __grid_constant__ CUtensorMap weight_map,
                          const __grid_constant__ TensorGather g) {
  multiply_by_warp_groups<Precision::bf16x6, Shape>(PixelTiles<Shape>{x_map, weight_map, g});
}

// Tiles of 64 and 128 channels, with slabs of 64 or, where the channels of x are no multiple of that, 32 terms.
using NarrowPixels = TileShape<Precision::bf16x6, 64, 128, 3, 2>;
using WidePixels = TileShape<Precision::bf16x6, 128, 128, 2, 1>;
using NarrowShort = TileShape<Precision::bf16x6, 64, 64, 6, 1>;
using WideShort = TileShape<Precision::bf16x6, 128, 64, 4, 2>;
constexpr std::int64_t kChunk = 32;  // terms of the shortest slab

// What they take, and what the kernels for everything else would, in nanoseconds, from times of an H200.
constexpr std::int64_t kNarrowSlab = 1110;      // a slab of 64 terms and 64 channels
constexpr std::int64_t kWideSlab = 2040;        // and of 128
constexpr std::int64_t kPixelColTime = 12;      // to put a channel of a tile to y
constexpr std::int64_t kPixelStartTime = 6800;  // of both launches
constexpr std::int64_t kPlaneBytes = 3500;      // read and written in a nanosecond
constexpr std::int64_t kOtherStart = 10000;     // of the others' launches
constexpr std::int64_t kTileRate = 27;          // products and sums in a picosecond, of cuda_conv.hpp
constexpr std::int64_t kSquareRate = 42;        // and by minimal filtering

// Nanoseconds for all tiles.
template <typename Shape>
std::int64_t pixel_tiles_time(const Gather& g) {
  constexpr std::int64_t kSlab =
      (Shape::kWide == NarrowPixels::kWide ? kNarrowSlab : kWideSlab) * Shape::kDepth / NarrowPixels::kDepth;
  const std::int64_t tiles = pixel_boxes_of(g).count() * ceil_div(g.width, Shape::kWide);
  return ceil_div(tiles, kProcessors) * (g.terms() / Shape::kDepth * kSlab + Shape::kWide * kPixelColTime);
}

// f(Shape): the longer slabs where they fit, the tiles that should take less time.
template <typename Narrow, typename Wide, typename F>
auto with_pixel_width(const Gather& g, F&& f) {
  return pixel_tiles_time<Wide>(g) < pixel_tiles_time<Narrow>(g) ? f(Wide{}) : f(Narrow{});
}
template <typename F>
auto with_pixel_shape(const Gather& g, F&& f) {
  return g.depth % NarrowPixels::kDepth == 0 ? with_pixel_width<NarrowPixels, WidePixels>(g, f)
                                             : with_pixel_width<NarrowShort, WideShort>(g, f);
}

inline OperandRows rows_of_pixels(const Gather& g) {
  const std::int64_t floats = g.n * g.down.extent * g.across.extent * g.depth;
  return rows_of(g.x, 0, kSplitTile, 1, floats / kSplitTile);
}
inline std::int64_t weight_tap(const Gather& g) {
  return g.across.taps > 1 ? g.across.tap_step : g.down.tap_step * g.weight_row;
}
inline OperandRows rows_of_weights(const Gather& g, const float* weight) {
  return rows_of(weight + g.weight(0, 0), weight_tap(g), g.weight_out, g.weight_in, g.width);
}

inline std::int64_t pixel_plane_bytes(const Gather& g) {
  return plane_bytes(Precision::bf16x6, 1, rows_of_pixels(g).count, kSplitTile);
}
inline std::int64_t tensor_gather_bytes(const Gather& g) {
  return pixel_plane_bytes(g) + plane_bytes(Precision::bf16x6, g.taps(), g.width, g.depth);
}

// Nanoseconds.
inline std::int64_t tensor_gather_time(const Gather& g) {
  const std::int64_t split = tensor_gather_bytes(g) * 10 / 6;  // planes, and the four bytes that they are made of
  return kPixelStartTime + split / kPlaneBytes +
         with_pixel_shape(g, [&](auto shape) { return pixel_tiles_time<decltype(shape)>(g); });
}

// Whether the tensor cores can, and should take less time. Of the shape alone.
inline bool by_tensor_cores(const Gather& g) {
  constexpr std::int64_t kMostMove = 8;   // of the TMA: elements from one that is copied to the next
  constexpr std::int64_t kMostBox = 256;  // and along a side of a box, with those between
  if (g.groups != 1 || g.algorithm == ConvAlgorithm::kWinograd || !in_32_bits(g)) return false;
  if (g.pixels() == 0 || g.taps() == 0 || g.depth == 0 || g.depth % kChunk != 0 || g.width % kFour != 0) return false;
  if (g.width < kChunk || g.n > INT32_MAX / 4) return false;
  if (g.n * g.down.extent * g.across.extent * g.depth % kSplitTile != 0) return false;
  if (g.down.taps > 1 && g.down.tap_step * g.weight_row != g.across.taps * weight_tap(g)) return false;
  const PixelBoxes boxes = pixel_boxes_of(g);
  const auto copies = [](const GatherAxis& a, int results) {
    return a.move >= 1 && a.move <= kMostMove && results * a.move <= kMostBox;
  };
  if (!copies(g.down, boxes.rows) || !copies(g.across, boxes.cols)) return false;
  const std::int64_t rate = in_squares(g) ? kSquareRate : kTileRate;
  const std::int64_t other = kOtherStart + 2 * g.pixels() * g.width / 1000 * g.terms() / rate;
  return tensor_gather_time(g) < other && cuda::encode_tensor_map() != nullptr && capability() == 9;
}

// x's parts as the TMA sees them: [parts][pictures][rows][columns][channels], in boxes of the channels of a slab.
inline bool encode_pixels(CUtensorMap* map, const Gather& g, const PixelBoxes& boxes, int depth, const void* planes) {
  const auto n = [](std::int64_t v) { return static_cast<cuuint64_t>(v); };
  const std::int64_t pixel = g.depth * bytes_of(Precision::bf16x6);
  const std::int64_t row = g.across.extent * pixel;
  const std::int64_t picture = g.down.extent * row;
  const cuuint64_t extents[5] = {n(g.depth), n(g.across.extent), n(g.down.extent), n(g.n),
                                 n(parts_of(Precision::bf16x6))};
  const cuuint64_t steps[4] = {n(pixel), n(row), n(picture), n(g.n * picture)};
  const cuuint32_t every[5] = {1, static_cast<cuuint32_t>(g.across.move), static_cast<cuuint32_t>(g.down.move), 1, 1};
  const cuuint32_t box[5] = {static_cast<cuuint32_t>(depth), static_cast<cuuint32_t>(boxes.cols) * every[1],
                             static_cast<cuuint32_t>(boxes.rows) * every[2], static_cast<cuuint32_t>(boxes.images), 1};
  return encode(map, Precision::bf16x6, planes, extents, steps, box, every);
}

// False, and nothing launched, if the TMA cannot read x or the device has too little shared memory.
template <typename Shape>
bool gather_by_tensor_cores(const Gather& g, const float* weight, std::byte* workspace, const Team& team) {
  constexpr Precision kPrecision = Precision::bf16x6;
  const PixelBoxes boxes = pixel_boxes_of(g);
  std::byte* const weight_planes = workspace + pixel_plane_bytes(g);
  const OperandRows weights = rows_of_weights(g, weight);
  const std::int64_t row = plane_row(g.depth) * bytes_of(kPrecision);
  CUtensorMap x_map;
  CUtensorMap weight_map;
  if (!encode_pixels(&x_map, g, boxes, Shape::kDepth, workspace) ||
      !encode(&weight_map, kPrecision, {weight_planes, g.taps() * Shape::kParts, g.width, row, row * g.width}, g.depth,
              Shape::kRow, Shape::kWide) ||
      !allow_shared(&gather_by_warp_groups<Shape>, Shape::kShared)) {
    return false;
  }
  split_planes<kPrecision>(planes_of(rows_of_pixels(g), 1, kSplitTile, workspace),
                           planes_of(weights, g.taps(), g.depth, weight_planes), team);
  const std::int64_t wide = ceil_div(g.width, Shape::kWide);
  const TensorGather gather{g.x,
                            weights.data,
                            g.bias,
                            g.y,
                            g.n,
                            static_cast<int>(g.depth),
                            static_cast<int>(g.width),
                            line_of(g.down),
                            line_of(g.across),
                            boxes,
                            wide,
                            wide * boxes.count(),
                            g.weight_in,
                            g.weight_out,
                            weight_tap(g),
                            g.accumulate,
                            g.relu,
                            reinterpret_cast<std::uintptr_t>(g.y) % sizeof(Pack<2>) == 0};
  NTL_LAUNCH((gather_by_warp_groups<Shape>), blocks_for_tiles(gather.tiles), dim3(kHopperThreads), Shape::kShared,
             stream_of(team), x_map, weight_map, gather);
  return true;
}

inline bool gather_by_tensor_cores(const Gather& g, const float* weight, std::byte* workspace, const Team& team) {
  return with_pixel_shape(
      g, [&](auto shape) { return gather_by_tensor_cores<decltype(shape)>(g, weight, workspace, team); });
}

#else

inline bool by_tensor_cores(const Gather&) { return false; }
inline std::int64_t tensor_gather_bytes(const Gather&) { return 0; }
inline bool gather_by_tensor_cores(const Gather&, const float*, std::byte*, const Team&) { return false; }

#endif

}  // namespace
}  // namespace nautile::NTL_TARGET
