#include "nautile/layer_norm.hpp"

#include <cmath>

#include "nautile/cuda_norm.hpp"
#include "nautile/cuda_rows.hpp"

// Forward, and dx: a warp for each short row, a block for each long one, which read it as in softmax.cu. dweight and dbias:
// where rows are short the warps of a block add up those of kLayerNormRowsOfBlock rows as they have them, in float32, and
// where they are long it takes a block for 128 columns and kLayerNormRows rows to read them again; then a block for eight
// columns. All other sums in double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

template <typename Kind>
__global__ void __launch_bounds__(kThreads) layer_norm_forward_by_row(LayerNormForward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    Rows<Kind> row({a.x + r * a.cols}, a.cols, member);
    float* y = a.y + r * a.cols;
    const auto n = static_cast<double>(a.cols);
    const double mean = row.sum(sums, [](std::int64_t, Run(&x)[1], int k) { return x[0].v[k]; }) / n;
    const double squares = row.sum(sums, [&](std::int64_t, Run(&x)[1], int k) {
      const double d = static_cast<double>(x[0].v[k]) - mean;
      return fma(d, d, 0.0);  // a product that no kernel fuses with the sum
    });
    const Stats stats(mean, squares / n, a.eps);
    row.each([&](std::int64_t c, Run(&x)[1]) {
      Run result = a.bias == nullptr ? Run{} : row.load(a.bias, c);
      const Run weight = a.weight == nullptr ? Run{{1.0F, 1.0F, 1.0F, 1.0F}} : row.load(a.weight, c);
      for (int k = 0; k < kFour; ++k) result.v[k] = fmaf(stats.normal(x[0].v[k]), weight.v[k], result.v[k]);
      row.store(y, c, result);
    });
    if (member == 0) stats.put(a.stats + 3 * r, 1);
  });
}

// dx of a row, if wanted. visit(c, runs) sees x normalised and dy in the first pass.
template <typename Kind, typename Visit>
__device__ void backward_of_row(const LayerNormBackward& a, std::int64_t r, int member, double* sums, Visit&& visit) {
  const Stats stats(a.stats + 3 * r, 1);
  Rows<Kind, 2> row({a.x + r * a.cols, a.dy + r * a.cols}, a.cols, member);
  // dy becomes its product with the weight, and x is normalised, where they are kept
  double total = 0.0;
  double products = 0.0;
  const auto normalise = [&](Run(&v)[2]) {
    for (int k = 0; k < kFour; ++k) v[0].v[k] = stats.normal(v[0].v[k]);
  };
  const auto weigh = [&](std::int64_t c, Run(&v)[2]) {
    const Run weight = a.weight == nullptr ? Run{{1.0F, 1.0F, 1.0F, 1.0F}} : row.load(a.weight, c);
    // or a kernel would fuse it with what is taken off
    for (int k = 0; k < kFour; ++k) v[1].v[k] = __fmul_rn(v[1].v[k], weight.v[k]);
  };
  const auto add = [&](int run, std::int64_t c, Run(&v)[2]) {
    normalise(v);
    visit(run, v);
    weigh(c, v);
    double g[kFour] = {};
    double product[kFour] = {};
    row.within(c, [&](int k) {
      g[k] = static_cast<double>(v[1].v[k]);
      product[k] = static_cast<double>(v[1].v[k] * v[0].v[k]);
    });
    total += (g[0] + g[1]) + (g[2] + g[3]);
    products += (product[0] + product[1]) + (product[2] + product[3]);
  };
  if constexpr (row.kKept) {
    row.each_kept(add);
  } else {
    row.each([&](std::int64_t c, Run(&v)[2]) { add(0, c, v); });
  }
  if (a.dx == nullptr) return;
  float* dx = a.dx + r * a.cols;
  const auto n = static_cast<double>(a.cols);
  const auto mean = static_cast<float>(join_group<Kind::kGroup>(total, Add{}, sums) / n);
  const auto slope = static_cast<float>(join_group<Kind::kGroup>(products, Add{}, sums) / n);
  row.each([&](std::int64_t c, Run(&v)[2]) {
    if (!row.kKept) {
      normalise(v);
      weigh(c, v);
    }
    Run d = a.accumulate_dx ? row.load(dx, c) : Run{};
    for (int k = 0; k < kFour; ++k) d.v[k] = fmaf(fmaf(-v[0].v[k], slope, v[1].v[k] - mean), stats.rstd, d.v[k]);
    row.store(dx, c, d);
  });
}

template <typename Kind>
__global__ void __launch_bounds__(kThreads) layer_norm_backward_by_row(LayerNormBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    backward_of_row<Kind>(a, r, member, sums, [](int, const Run(&)[2]) {});
  });
}

// All gradients: a block's rows, two for each warp, and their part of dweight and dbias.
template <int kRuns, bool kAligned>
__global__ void __launch_bounds__(kThreads, kRuns <= 6 ? 2 : 1)
    layer_norm_backward_by_rows(LayerNormBackward a, float* parts) {
  using Kind = RowKind<kWarp, kRuns, kAligned>;
  constexpr std::int64_t kCols = kRuns * kWarp * kFour;
  NTL_SHARED(float, scratch, [kWarps][kCols]);
  const int member = static_cast<int>(threadIdx.x);
  const int lane = member % kWarp;
  const int warp = member / kWarp;
  const std::int64_t blocks = ceil_div(a.rows, kLayerNormRowsOfBlock);
  for (std::int64_t block = blockIdx.x; block < blocks; block += gridDim.x) {
    Run sums[2][kRuns] = {};
    NTL_UNROLL_BY(1)
    for (int turn = 0; turn < kLayerNormRowsOfBlock / kWarps; ++turn) {
      const std::int64_t r = block * kLayerNormRowsOfBlock + turn * kWarps + warp;
      if (r >= a.rows) break;
      backward_of_row<Kind>(a, r, lane, nullptr, [&](int run, const Run(&v)[2]) {
        for (int k = 0; k < kFour; ++k) {
          sums[0][run].v[k] = fmaf(v[1].v[k], v[0].v[k], sums[0][run].v[k]);
          sums[1][run].v[k] += v[1].v[k];
        }
      });
    }
    NTL_UNROLL
    for (int i = 0; i < 2; ++i) {
      NTL_UNROLL
      for (int k = 0; k < kRuns; ++k) store(&scratch[warp][(k * kWarp + lane) * kFour], sums[i][k]);
      __syncthreads();
      for (std::int64_t c = member; c < a.cols; c += kThreads) {
        float sum = scratch[0][c];
        for (int w = 1; w < kWarps; ++w) sum += scratch[w][c];
        parts[(2 * block + i) * a.cols + c] = sum;
      }
      __syncthreads();
    }
  }
}

template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    layer_norm_backward_by_column(LayerNormBackward a, int across, double* parts) {
  NTL_SHARED(double, scratch, [kColumnScratch<2>]);
  column_parts<2, float>(1, a.rows, a.cols, kLayerNormRows, across, parts, scratch, [&](std::int64_t, std::int64_t c) {
    return [&a, c](RunSums<2, float>& sums, std::int64_t r) {
      const Run x = load_run<kAligned>(a.x + r * a.cols + c, a.cols - c);
      const Run g = load_run<kAligned>(a.dy + r * a.cols + c, a.cols - c);
      const Stats stats(a.stats + 3 * r, 1);
      for (int k = 0; k < kFour; ++k) {
        sums[0][k] = fmaf(g.v[k], stats.normal(x.v[k]), sums[0][k]);
        sums[1][k] += g.v[k];
      }
    };
  });
}

template <typename Part>
__global__ void __launch_bounds__(kThreads)
    layer_norm_backward_join_columns(LayerNormBackward a, const Part* parts, std::int64_t blocks) {
  NTL_SHARED(double, scratch, [kJoinScratch<2>]);
  for_joined_columns<2>(parts, blocks, a.cols, scratch, [&](std::int64_t c, const double(&sums)[2]) {
    if (a.dweight != nullptr) put_sum(a.dweight + c, sums[0], a.accumulate_dweight);
    if (a.dbias != nullptr) put_sum(a.dbias + c, sums[1], a.accumulate_dbias);
  });
}
template <typename Part>
void join_columns(const LayerNormBackward& a, const Part* parts, std::int64_t blocks, const Team& team) {
  NTL_LAUNCH((layer_norm_backward_join_columns<Part>), blocks_for_joined_columns(a.cols), dim3(kThreads), 0,
             stream_of(team), a, parts, blocks);
}

void backward_of_short_rows(const LayerNormBackward& a, float* parts, const Team& team) {
  const std::int64_t blocks = ceil_div(a.rows, kLayerNormRowsOfBlock);
  const dim3 grid = blocks_for(blocks, 1);
  if (!aligned_rows(a.cols, a.x, a.weight, a.dy, a.dx)) {
    NTL_LAUNCH((layer_norm_backward_by_rows<8, false>), grid, dim3(kThreads), 0, stream_of(team), a, parts);
  } else if (a.cols <= 4 * kWarp * kFour) {
    NTL_LAUNCH((layer_norm_backward_by_rows<4, true>), grid, dim3(kThreads), 0, stream_of(team), a, parts);
  } else if (a.cols <= 6 * kWarp * kFour) {
    NTL_LAUNCH((layer_norm_backward_by_rows<6, true>), grid, dim3(kThreads), 0, stream_of(team), a, parts);
  } else {
    NTL_LAUNCH((layer_norm_backward_by_rows<8, true>), grid, dim3(kThreads), 0, stream_of(team), a, parts);
  }
  join_columns(a, parts, blocks, team);
}

}  // namespace

void layer_norm_forward(const LayerNormForward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(layer_norm_forward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.x, a.weight, a.bias, a.y), team, a);
}

void layer_norm_backward(const LayerNormBackward& a, std::byte* workspace, const Team& team) {
  if (a.dweight != nullptr || a.dbias != nullptr) {  // first: dx may overwrite dy
    if (a.cols <= kWarpRow) {
      backward_of_short_rows(a, reinterpret_cast<float*>(workspace), team);
      return;
    }
    auto* parts = reinterpret_cast<double*>(workspace);
    const std::int64_t blocks = layer_norm_blocks(a);
    const dim3 grid = blocks_for_column_parts(a.cols, blocks);
    const int across = threads_across(a.cols);
    if (aligned_rows(a.cols, a.x, a.dy)) {
      NTL_LAUNCH((layer_norm_backward_by_column<true>), grid, dim3(kThreads), 0, stream_of(team), a, across, parts);
    } else {
      NTL_LAUNCH((layer_norm_backward_by_column<false>), grid, dim3(kThreads), 0, stream_of(team), a, across, parts);
    }
    join_columns(a, parts, blocks, team);
  }
  if (a.dx == nullptr) return;
  NTL_LAUNCH_ROWS(layer_norm_backward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.x, a.weight, a.dy, a.dx), team, a);
}

}  // namespace nautile::NTL_TARGET
