// The matrix product y = a b for any strides of a and b, on the tensor cores of Hopper (wgmma, TMA; sm_90a).
//
// First a and b are converted in the workspace (cuda_split.hpp): to bf16, to three parts of bf16, or to tf32, as rows along k,
// whatever their order. For tf32, an operand whose rows follow k already is read where it is.
//
// y is cut into tiles of 128 x kWide. There are as many blocks as processors, and a block takes tile after tile, eight rows
// of tiles at a time so that neighbours find their operands in the L2. One thread of a block copies slabs of a and b (kRow
// bytes along k, all parts) to a ring of kStages in shared memory; two warp groups multiply them, 64 x kWide each.
//
// Inside wgmma sums are rounded towards zero. With parts, the terms of a slab therefore start from zero, the small
// products first, and are added to a float. With kSets = 2 the products of a slab run while those before are added.
// The order of a sum depends on k alone.
#pragma once

#include "nautile/cuda_split.hpp"

#if defined(__CUDACC__)

#include "nautile/cuda_hopper.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kGroupThreads = 128;
constexpr int kTileRows = 128;  // of y, two warp groups
constexpr int kGroupRows = 64;  // of a warp group
constexpr int kTilesDown = 8;   // rows of tiles that are taken together
constexpr int kStepBytes = 32;  // along k of one wgmma
constexpr int kHopperThreads = 3 * kGroupThreads;

// How tiles of kWide columns are multiplied: by slabs of kRow bytes along k in a ring of kStages, with kSets sets of sums.
template <Precision kPrecision, int kWide_, int kRow_, int kStages_, int kSets_>
struct TileShape {
  static constexpr int kWide = kWide_;
  static constexpr int kRow = kRow_;
  static constexpr int kStages = kStages_;
  static constexpr int kSets = kSets_;
  static constexpr int kParts = parts_of(kPrecision);
  static constexpr int kDepth = kRow / bytes_of(kPrecision);  // terms of a slab
  static constexpr int kA = kTileRows * kRow;                 // bytes of a part
  static constexpr int kB = kWide * kRow;
  static constexpr int kStage = kParts * (kA + kB);
  static constexpr int kAlignment = 1024;
  static constexpr int kShared = kStages * kStage + kAlignment;  // what is dynamic is aligned to 16 bytes only
  static constexpr int kSums = kWide / 2;                        // of a thread
  static constexpr bool kSplit = kParts > 1;
  static_assert(kShared <= 226 << 10, "a block has 227 KiB");
  static_assert(kSplit || kSets == 1);
  static_assert(!kSplit || kSums <= 64, "a bit of Missing for each");
};

struct TileGrid {
  std::int64_t down;    // tiles
  std::int64_t across;  // tiles
  std::int64_t tiles;   // of all matrices
  int slabs;
  int a_step;  // matrices from one of the batch to the next: 0 or 1
  int b_step;
  bool pairs;
};
struct TilePlace {
  std::int64_t matrix;
  std::int64_t top;
  std::int64_t left;
};

// Tile t: bands of kTilesDown rows of tiles, in a band column by column.
template <int kWide>
__device__ TilePlace tile_place(const TileGrid& grid, std::int64_t t) {
  const std::int64_t of_matrix = grid.down * grid.across;
  const std::int64_t inside = t % of_matrix;
  const std::int64_t band = inside / (kTilesDown * grid.across);
  const std::int64_t left_in_band = inside - band * kTilesDown * grid.across;
  const std::int64_t rows_left = grid.down - band * kTilesDown;
  const std::int64_t height = rows_left < kTilesDown ? rows_left : kTilesDown;
  return {t / of_matrix, (band * kTilesDown + left_in_band % height) * kTileRows, left_in_band / height * kWide};
}

// Where a thread is in the ring: the stage, and the parity of its turn.
template <int kStages>
struct Ring {
  int stage = 0;
  unsigned parity = 0;

  __device__ void next() {
    if (++stage == kStages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

// The products of a slab for a warp group; `add` to d or begin from zero.
template <Precision kPrecision, typename Shape>
__device__ __forceinline__ void multiply_tile(float (&d)[Shape::kSums], std::uint64_t a, std::uint64_t b, bool add) {
  constexpr auto kOperands = kPrecision == Precision::tf32 ? cuda::Operands::tf32 : cuda::Operands::bf16;
  cuda::wgmma_begin();
  NTL_UNROLL
  for (int q = 0; q < products_of(kPrecision); ++q) {
    const PartProduct parts = part_product(kPrecision, q);
    NTL_UNROLL
    for (int step = 0; step < Shape::kRow; step += kStepBytes) {
      cuda::wgmma<kOperands, Shape::kWide>(d, a + (parts.a * Shape::kA + step) / 16,
                                           b + (parts.b * Shape::kB + step) / 16, add || q > 0 || step > 0);
    }
  }
  cuda::wgmma_commit();
}

// The products of a block's tiles, each of which takes slabs of a and b. Tiles says which: how many there are, place(t),
// slabs(), the bytes() of one, copy(to, barrier, place, slab) by one thread, and put(place, row, col, sum), which thread by
// thread puts the sums of rows row and row + 8 and, from col on, of two in each eight columns.
template <Precision kPrecision, typename Shape, typename Tiles>
__device__ __forceinline__ void multiply_by_warp_groups(const Tiles& tiles) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  constexpr int kConsumers = 8;  // warps
  NTL_SHARED(std::uint64_t, full, [Shape::kStages]);
  NTL_SHARED(std::uint64_t, empty, [Shape::kStages]);
  NTL_DYNAMIC_SHARED(unsigned char, unaligned);
  unsigned char* const ring_memory =
      unaligned + (Shape::kAlignment - cuda::shared_address(unaligned) % Shape::kAlignment) % Shape::kAlignment;
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < Shape::kStages; ++stage) {
      cuda::barrier_start(&full[stage], 1);
      cuda::barrier_start(&empty[stage], kConsumers);
    }
    cuda::barriers_started();
    cuda::prefetch_map(tiles.a_map);
    cuda::prefetch_map(tiles.b_map);
  }
  __syncthreads();

  Ring<Shape::kStages> ring;
  if (threadIdx.x < kGroupThreads) {
    cuda::fewer_registers<40>();
    if (threadIdx.x != 0) return;
    for (std::int64_t t = blockIdx.x; t < tiles.count(); t += gridDim.x) {
      const auto place = tiles.place(t);
      for (int slab = 0; slab < tiles.slabs(); ++slab) {
        cuda::barrier_wait(&empty[ring.stage], ring.parity ^ 1);
        cuda::barrier_expect(&full[ring.stage], tiles.bytes());
        tiles.copy(ring_memory + ring.stage * Shape::kStage, &full[ring.stage], place, slab);
        ring.next();
      }
    }
    return;
  }

  cuda::more_registers<232>();
  const int group = static_cast<int>(threadIdx.x) / kGroupThreads - 1;
  const int warp = static_cast<int>(threadIdx.x) % kGroupThreads / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::uint64_t a_first = cuda::operand_descriptor<Shape::kRow>(ring_memory + group * kGroupRows * Shape::kRow);
  const std::uint64_t b_first = cuda::operand_descriptor<Shape::kRow>(ring_memory + Shape::kParts * Shape::kA);
  const auto release = [&](int stage) {
    if (lane == 0) cuda::barrier_arrive(&empty[stage]);
  };
  // Waits for the next slab and begins its products. The stage it is in.
  const auto begin = [&](float(&d)[Shape::kSums], bool add) {
    const int stage = ring.stage;
    cuda::barrier_wait(&full[stage], ring.parity);
    ring.next();
    multiply_tile<kPrecision, Shape>(d, a_first + stage * (Shape::kStage / 16), b_first + stage * (Shape::kStage / 16),
                                     add);
    return stage;
  };
  for (std::int64_t t = blockIdx.x; t < tiles.count(); t += gridDim.x) {
    float sum[Shape::kSums] = {};
    if constexpr (!Shape::kSplit) {
      int last = begin(sum, false);
      for (int slab = 1; slab < tiles.slabs(); ++slab) {
        const int stage = begin(sum, true);
        cuda::wgmma_wait<1>();
        release(last);
        last = stage;
      }
      cuda::wgmma_wait<0>();
      cuda::hold(sum);
      release(last);
    } else {
      const auto add = [&](float(&d)[Shape::kSums]) {
        cuda::hold(d);
        NTL_UNROLL
        for (int i = 0; i < Shape::kSums; ++i) sum[i] += d[i];
      };
      if constexpr (Shape::kSets == 1) {
        float d[Shape::kSums] = {};
        for (int slab = 0; slab < tiles.slabs(); ++slab) {
          const int stage = begin(d, false);
          cuda::wgmma_wait<0>();
          release(stage);
          add(d);
        }
      } else {
        // Slabs in twos, so that it is fixed which registers hold which; an odd last one on its own.
        float even[Shape::kSums] = {};
        float odd[Shape::kSums] = {};
        for (int slab = 0; slab + 1 < tiles.slabs(); slab += 2) {
          const int even_stage = begin(even, false);
          const int odd_stage = begin(odd, false);
          cuda::wgmma_wait<1>();
          release(even_stage);
          add(even);
          cuda::wgmma_wait<0>();
          release(odd_stage);
          add(odd);
        }
        if (tiles.slabs() % 2 == 1) {
          const int stage = begin(even, false);
          cuda::wgmma_wait<0>();
          release(stage);
          add(even);
        }
      }
    }
    tiles.put(tiles.place(t), group * kGroupRows + warp * 16 + lane / 4, lane % 4 * 2, sum);
  }
#else
  __trap();
#endif
}

// Tiles of y = a b.
template <Precision kPrecision, typename Shape>
struct GemmTiles {
  const CUtensorMap& a_map;
  const CUtensorMap& b_map;
  const Gemm& g;
  const TileGrid& grid;

  __device__ std::int64_t count() const { return grid.tiles; }
  __device__ int slabs() const { return grid.slabs; }
  __device__ static constexpr unsigned bytes() { return Shape::kStage; }
  __device__ TilePlace place(std::int64_t t) const { return tile_place<Shape::kWide>(grid, t); }

  __device__ void copy(unsigned char* to, std::uint64_t* barrier, const TilePlace& place, int slab) const {
    const int a_plane = static_cast<int>(place.matrix) * grid.a_step * Shape::kParts;
    const int b_plane = static_cast<int>(place.matrix) * grid.b_step * Shape::kParts;
    NTL_UNROLL
    for (int part = 0; part < Shape::kParts; ++part) {
      cuda::copy_box(to + part * Shape::kA, a_map, barrier, slab * Shape::kDepth, static_cast<int>(place.top),
                     a_plane + part);
      cuda::copy_box(to + Shape::kParts * Shape::kA + part * Shape::kB, b_map, barrier, slab * Shape::kDepth,
                     static_cast<int>(place.left), b_plane + part);
    }
  }

  __device__ void put(const TilePlace& place, int row, int col, const float (&sum)[Shape::kSums]) const {
    const auto row_of = [&](int half) { return place.top + row + half * 8; };
    const auto col_of = [&](int j) { return place.left + j * 8 + col; };
    constexpr int kEights = Shape::kWide / 8;
    Missing missing = 0;
    NTL_UNROLL
    for (int half = 0; half < 2; ++half) {
      if (row_of(half) >= g.m) continue;
      NTL_UNROLL
      for (int j = 0; j < kEights; ++j) {
        put_two<Shape::kSplit>(g, place.matrix, row_of(half), col_of(j), grid.pairs, sum[4 * j + 2 * half],
                               sum[4 * j + 2 * half + 1], 2 * (half * kEights + j), &missing);
      }
    }
    for (int at = 0; missing != 0; ++at, missing >>= 1) {
      if ((missing & 1) == 0) continue;
      const std::int64_t r = row_of(at / 2 / kEights);
      const std::int64_t c = col_of(at / 2 % kEights) + at % 2;
      put_product(g, place.matrix, r, c, exact_sum(g, place.matrix, r, c));
    }
  }
};

// grid: processors, or tiles if fewer. Block: 384 threads, three warp groups. Shared memory: Shape::kShared, 193 or 217 KiB,
// so one block a processor. Registers: 40 for the copying warp group, 232 for the others.
template <Precision kPrecision, typename Shape>
__global__ void __launch_bounds__(kHopperThreads, 1)
    gemm_by_warp_groups(const __grid_constant__ CUtensorMap a_map, const __grid_constant__ CUtensorMap b_map, Gemm g,
                        TileGrid grid) {
  multiply_by_warp_groups<kPrecision, Shape>(GemmTiles<kPrecision, Shape>{a_map, b_map, g, grid});
}

// Tells the TMA of a tensor: along each dimension, the innermost first, its extent, the elements of a box, and of how many
// neighbours one is copied; from the second dimension on, the bytes between neighbours. Rows of a box, of 128 or 64 bytes, are
// swizzled. False where the TMA cannot read it.
template <int kRank>
bool encode(CUtensorMap* map, Precision p, const void* data, const cuuint64_t (&extents)[kRank],
            const cuuint64_t (&steps)[kRank - 1], const cuuint32_t (&box)[kRank], const cuuint32_t (&every)[kRank]) {
  const cuda::EncodeTensorMap encode_map = cuda::encode_tensor_map();
  if (encode_map == nullptr) return false;
  // As TFLOAT32 the TMA rounds what it copies; parts and turned operands are rounded before.
  const CUtensorMapDataType type =
      p == Precision::tf32 ? CU_TENSOR_MAP_DATA_TYPE_TFLOAT32 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  const CUtensorMapSwizzle swizzle =
      static_cast<int>(box[0]) * bytes_of(p) == 128 ? CU_TENSOR_MAP_SWIZZLE_128B : CU_TENSOR_MAP_SWIZZLE_64B;
  return encode_map(map, type, kRank, const_cast<void*>(data), extents, steps, box, every,
                    CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
                    CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == CUDA_SUCCESS;
}

// How the TMA sees an operand: [matrices * parts][rows][along k], in boxes of one slab by so many rows.
struct Tensor {
  const void* data;
  std::int64_t planes;
  std::int64_t rows;
  std::int64_t row_bytes;    // from a row to the next
  std::int64_t plane_bytes;  // from a plane to the next
};

inline bool encode(CUtensorMap* map, Precision p, const Tensor& x, std::int64_t k, int row, int box_rows) {
  const cuuint64_t extents[3] = {static_cast<cuuint64_t>(k), static_cast<cuuint64_t>(x.rows),
                                 static_cast<cuuint64_t>(x.planes)};
  const cuuint64_t steps[2] = {static_cast<cuuint64_t>(x.row_bytes), static_cast<cuuint64_t>(x.plane_bytes)};
  const cuuint32_t box[3] = {static_cast<cuuint32_t>(row / bytes_of(p)), static_cast<cuuint32_t>(box_rows), 1};
  const cuuint32_t every[3] = {1, 1, 1};
  return encode(map, p, x.data, extents, steps, box, every);
}

// Whether the TMA reads the operand where it is.
inline bool read_in_place(Precision p, const OperandRows& x, std::int64_t batch) {
  return p == Precision::tf32 && x.fours && x.across > 0 && (batch == 1 || x.batch >= 0);
}

inline std::int64_t plane_bytes_of(Precision p, const OperandRows& x, std::int64_t batch, std::int64_t k) {
  return read_in_place(p, x, batch) ? 0 : plane_bytes(p, matrices_of(x, batch), x.count, k);
}

inline std::int64_t wgmma_workspace(Precision p, const Gemm& g) {
  return plane_bytes_of(p, rows_of_a(g), g.batch, g.k) + plane_bytes_of(p, rows_of_b(g), g.batch, g.k);
}

inline Tensor tensor_of(Precision p, const OperandRows& x, std::int64_t batch, std::int64_t k,
                        const std::byte* planes) {
  const std::int64_t matrices = matrices_of(x, batch);
  if (read_in_place(p, x, batch)) {
    const std::int64_t row = x.across * bytes_of(p);
    return {x.data, matrices, x.count, row, matrices == 1 ? row * x.count : x.batch * bytes_of(p)};
  }
  const std::int64_t row = plane_row(k) * bytes_of(p);
  return {planes, matrices * parts_of(p), x.count, row, row * x.count};
}

// Whether gemm_by_wgmma can be asked: there is something to multiply, and positions fit the 32 bits that the TMA has.
inline bool wgmma_takes(const Gemm& g) {
  return g.batch > 0 && g.m > 0 && g.n > 0 && g.k > 0 && g.m < INT32_MAX && g.n < INT32_MAX && g.k < INT32_MAX &&
         g.batch < INT32_MAX / 3 && cuda::encode_tensor_map() != nullptr;
}

// A block for each processor of the device, or for each tile.
inline dim3 blocks_for_tiles(std::int64_t tiles) {
  int device = 0;
  int processors = 1;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
  return dim3(static_cast<unsigned>(tiles < processors ? tiles : processors));
}

// False, and nothing launched, if the TMA cannot read the operands or the device has too little shared memory.
template <Precision kPrecision, typename Shape>
bool gemm_by_wgmma(const Gemm& g, std::byte* workspace, const Team& team) {
  const OperandRows a = rows_of_a(g);
  const OperandRows b = rows_of_b(g);
  std::byte* const a_to = workspace;
  std::byte* const b_to = workspace + plane_bytes_of(kPrecision, a, g.batch, g.k);
  CUtensorMap a_map;
  CUtensorMap b_map;
  if (!encode(&a_map, kPrecision, tensor_of(kPrecision, a, g.batch, g.k, a_to), g.k, Shape::kRow, kTileRows) ||
      !encode(&b_map, kPrecision, tensor_of(kPrecision, b, g.batch, g.k, b_to), g.k, Shape::kRow, Shape::kWide)) {
    return false;
  }
  if (!allow_shared(&gemm_by_warp_groups<kPrecision, Shape>, Shape::kShared)) return false;
  Planes a_planes = planes_of(a, g.batch, g.k, a_to);
  Planes b_planes = planes_of(b, g.batch, g.k, b_to);
  if (read_in_place(kPrecision, a, g.batch)) a_planes.tiles = 0;
  if (read_in_place(kPrecision, b, g.batch)) b_planes.tiles = 0;
  if (a_planes.tiles + b_planes.tiles > 0) split_planes<kPrecision>(a_planes, b_planes, team);

  TileGrid grid{};
  grid.down = ceil_div(g.m, kTileRows);
  grid.across = ceil_div(g.n, Shape::kWide);
  grid.tiles = g.batch * grid.down * grid.across;
  grid.slabs = static_cast<int>(ceil_div(g.k, Shape::kDepth));
  grid.a_step = a.batch == 0 ? 0 : 1;
  grid.b_step = b.batch == 0 ? 0 : 1;
  grid.pairs = in_pairs(g);
  NTL_LAUNCH((gemm_by_warp_groups<kPrecision, Shape>), blocks_for_tiles(grid.tiles), dim3(kHopperThreads),
             Shape::kShared, stream_of(team), a_map, b_map, g, grid);
  return true;
}

}  // namespace
}  // namespace nautile::NTL_TARGET

#endif
