#include "nautile/layer_norm.hpp"

#include <cmath>

#include "nautile/cuda_norm.hpp"

// Forward, and dx: a warp for each short row, a block for each long one; passes over the row as in softmax.cu. dweight and
// dbias: 32 columns and kLayerNormRows rows a block, then one more for 32 columns. Sums in double.

namespace nautile::NTL_TARGET {
namespace {

template <int kGroup>
__global__ void __launch_bounds__(kThreads) layer_norm_forward_by_row(LayerNormForward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const float* x = a.x + r * a.cols;
    float* y = a.y + r * a.cols;
    double sum = 0.0;
    for (std::int64_t c = member; c < a.cols; c += kGroup) sum += static_cast<double>(x[c]);
    const double mean = join_group<kGroup>(sum, Add{}, sums) / static_cast<double>(a.cols);
    double squares = 0.0;
    for (std::int64_t c = member; c < a.cols; c += kGroup) {
      const double d = static_cast<double>(x[c]) - mean;
      squares += d * d;
    }
    squares = join_group<kGroup>(squares, Add{}, sums);
    const Stats stats(mean, squares / static_cast<double>(a.cols), a.eps);
    for (std::int64_t c = member; c < a.cols; c += kGroup) {
      float v = stats.normal(x[c]);
      if (a.weight != nullptr) v *= a.weight[c];
      if (a.bias != nullptr) v += a.bias[c];
      y[c] = v;
    }
    if (member == 0) stats.put(a.stats + 3 * r, 1);
  });
}

template <int kGroup>
__global__ void __launch_bounds__(kThreads) layer_norm_backward_by_row(LayerNormBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<kGroup>(a.rows, [&](std::int64_t r, int member) {
    const Stats stats(a.stats + 3 * r, 1);
    const float* x = a.x + r * a.cols;
    const float* dy = a.dy + r * a.cols;
    float* dx = a.dx + r * a.cols;
    const auto scaled = [&](std::int64_t c) { return a.weight == nullptr ? dy[c] : dy[c] * a.weight[c]; };
    double total = 0.0;
    double products = 0.0;
    for (std::int64_t c = member; c < a.cols; c += kGroup) {
      const float g = scaled(c);
      total += static_cast<double>(g);
      products += static_cast<double>(g * stats.normal(x[c]));
    }
    const auto n = static_cast<double>(a.cols);
    const auto mean = static_cast<float>(join_group<kGroup>(total, Add{}, sums) / n);
    const auto slope = static_cast<float>(join_group<kGroup>(products, Add{}, sums) / n);
    for (std::int64_t c = member; c < a.cols; c += kGroup) {
      const float d = ((scaled(c) - mean) - stats.normal(x[c]) * slope) * stats.rstd;
      dx[c] = a.accumulate_dx ? dx[c] + d : d;
    }
  });
}

__global__ void __launch_bounds__(kThreads) layer_norm_backward_by_column(LayerNormBackward a, double* parts) {
  NTL_SHARED(double, scratch, [kThreads]);
  column_parts<2>(1, a.rows, a.cols, kLayerNormRows, parts, scratch, [&](double* sums, std::int64_t r, std::int64_t c) {
    const float g = a.dy[r * a.cols + c];
    sums[0] += static_cast<double>(g * Stats(a.stats + 3 * r, 1).normal(a.x[r * a.cols + c]));
    sums[1] += static_cast<double>(g);
  });
}

__global__ void __launch_bounds__(kThreads)
    layer_norm_backward_join_columns(LayerNormBackward a, const double* parts, std::int64_t blocks) {
  NTL_SHARED(double, scratch, [kThreads]);
  for_columns(a.cols, [&](std::int64_t c, int first) {
    const double dweight = joined_parts(parts, blocks, 2 * a.cols, c, first, scratch);
    const double dbias = joined_parts(parts + a.cols, blocks, 2 * a.cols, c, first, scratch);
    if (c < 0 || first != 0) return;
    if (a.dweight != nullptr) put_sum(a.dweight + c, dweight, a.accumulate_dweight);
    if (a.dbias != nullptr) put_sum(a.dbias + c, dbias, a.accumulate_dbias);
  });
}

}  // namespace

void layer_norm_forward(const LayerNormForward& a, std::byte*, const Team& team) {
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((layer_norm_forward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((layer_norm_forward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

void layer_norm_backward(const LayerNormBackward& a, std::byte* workspace, const Team& team) {
  if (a.dweight != nullptr || a.dbias != nullptr) {  // first: dx may overwrite dy
    auto* parts = reinterpret_cast<double*>(workspace);
    const std::int64_t blocks = layer_norm_blocks(a);
    NTL_LAUNCH(layer_norm_backward_by_column, blocks_for_column_parts(a.cols, blocks), dim3(kThreads), 0,
               stream_of(team), a, parts);
    NTL_LAUNCH(layer_norm_backward_join_columns, blocks_for_columns(a.cols), dim3(kThreads), 0, stream_of(team), a,
               parts, blocks);
  }
  if (a.dx == nullptr) return;
  if (a.cols <= kWarpCols) {
    NTL_LAUNCH((layer_norm_backward_by_row<kWarp>), blocks_for_rows(a.rows, true), dim3(kThreads), 0, stream_of(team),
               a);
  } else {
    NTL_LAUNCH((layer_norm_backward_by_row<kThreads>), blocks_for_rows(a.rows, false), dim3(kThreads), 0,
               stream_of(team), a);
  }
}

}  // namespace nautile::NTL_TARGET
