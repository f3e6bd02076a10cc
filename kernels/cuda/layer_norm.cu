#include "nautile/layer_norm.hpp"

#include <cmath>

#include "nautile/cuda_norm.hpp"
#include "nautile/cuda_rows.hpp"

// Forward, and dx: a warp for each short row, a block for each long one, which read it as in softmax.cu. dweight and dbias: a
// block for 128 columns and kLayerNormRows rows, then one for 32 columns. Sums in double. Bound by memory.

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

template <typename Kind>
__global__ void __launch_bounds__(kThreads) layer_norm_backward_by_row(LayerNormBackward a) {
  NTL_SHARED(double, sums, [kWarps]);
  for_rows<Kind::kGroup>(a.rows, [&](std::int64_t r, int member) {
    const Stats stats(a.stats + 3 * r, 1);
    Rows<Kind, 2> row({a.x + r * a.cols, a.dy + r * a.cols}, a.cols, member);
    float* dx = a.dx + r * a.cols;
    // dy becomes its product with the weight, and x is normalised, where they are kept
    double total = 0.0;
    double products = 0.0;
    const auto prepare = [&](std::int64_t c, Run(&v)[2]) {
      const Run weight = a.weight == nullptr ? Run{{1.0F, 1.0F, 1.0F, 1.0F}} : row.load(a.weight, c);
      for (int k = 0; k < kFour; ++k) {
        v[0].v[k] = stats.normal(v[0].v[k]);
        v[1].v[k] = __fmul_rn(v[1].v[k], weight.v[k]);  // or a kernel would fuse it with what is taken off
      }
    };
    row.each([&](std::int64_t c, Run(&v)[2]) {
      prepare(c, v);
      double g[kFour] = {};
      double product[kFour] = {};
      row.within(c, [&](int k) {
        g[k] = static_cast<double>(v[1].v[k]);
        product[k] = static_cast<double>(v[1].v[k] * v[0].v[k]);
      });
      total += (g[0] + g[1]) + (g[2] + g[3]);
      products += (product[0] + product[1]) + (product[2] + product[3]);
    });
    const auto n = static_cast<double>(a.cols);
    const auto mean = static_cast<float>(join_group<Kind::kGroup>(total, Add{}, sums) / n);
    const auto slope = static_cast<float>(join_group<Kind::kGroup>(products, Add{}, sums) / n);
    row.each([&](std::int64_t c, Run(&v)[2]) {
      if (!row.kKept) prepare(c, v);
      Run d = a.accumulate_dx ? row.load(dx, c) : Run{};
      for (int k = 0; k < kFour; ++k) d.v[k] = fmaf(fmaf(-v[0].v[k], slope, v[1].v[k] - mean), stats.rstd, d.v[k]);
      row.store(dx, c, d);
    });
  });
}

template <bool kAligned>
__global__ void __launch_bounds__(kThreads)
    layer_norm_backward_by_column(LayerNormBackward a, int across, double* parts) {
  NTL_SHARED(double, scratch, [kColumnScratch<2>]);
  column_parts<2>(1, a.rows, a.cols, kLayerNormRows, across, parts, scratch, [&](std::int64_t, std::int64_t c) {
    return [&a, c](RunSums<2>& sums, std::int64_t r) {
      const Run x = load_run<kAligned>(a.x + r * a.cols + c, a.cols - c);
      const Run g = load_run<kAligned>(a.dy + r * a.cols + c, a.cols - c);
      const Stats stats(a.stats + 3 * r, 1);
      for (int k = 0; k < kFour; ++k) {
        sums[0][k] += static_cast<double>(g.v[k] * stats.normal(x.v[k]));
        sums[1][k] += static_cast<double>(g.v[k]);
      }
    };
  });
}

__global__ void __launch_bounds__(kThreads)
    layer_norm_backward_join_columns(LayerNormBackward a, const double* parts, std::int64_t blocks) {
  NTL_SHARED(double, scratch, [kThreads]);
  for_columns(a.cols, [&](std::int64_t c, int first) {
    double dweight = 0.0;
    double dbias = 0.0;
    NTL_UNROLL_BY(8)
    for (std::int64_t b = first; c >= 0 && b < blocks; b += kWarps) {
      dweight += parts[2 * b * a.cols + c];
      dbias += parts[(2 * b + 1) * a.cols + c];
    }
    dweight = join_column(dweight, Add{}, scratch);
    dbias = join_column(dbias, Add{}, scratch);
    if (c < 0 || first != 0) return;
    if (a.dweight != nullptr) put_sum(a.dweight + c, dweight, a.accumulate_dweight);
    if (a.dbias != nullptr) put_sum(a.dbias + c, dbias, a.accumulate_dbias);
  });
}

}  // namespace

void layer_norm_forward(const LayerNormForward& a, std::byte*, const Team& team) {
  NTL_LAUNCH_ROWS(layer_norm_forward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.x, a.weight, a.bias, a.y), team, a);
}

void layer_norm_backward(const LayerNormBackward& a, std::byte* workspace, const Team& team) {
  if (a.dweight != nullptr || a.dbias != nullptr) {  // first: dx may overwrite dy
    auto* parts = reinterpret_cast<double*>(workspace);
    const std::int64_t blocks = layer_norm_blocks(a);
    const dim3 grid = blocks_for_column_parts(a.cols, blocks);
    const int across = threads_across(a.cols);
    if (aligned_rows(a.cols, a.x, a.dy)) {
      NTL_LAUNCH((layer_norm_backward_by_column<true>), grid, dim3(kThreads), 0, stream_of(team), a, across, parts);
    } else {
      NTL_LAUNCH((layer_norm_backward_by_column<false>), grid, dim3(kThreads), 0, stream_of(team), a, across, parts);
    }
    NTL_LAUNCH(layer_norm_backward_join_columns, blocks_for_columns(a.cols), dim3(kThreads), 0, stream_of(team), a,
               parts, blocks);
  }
  if (a.dx == nullptr) return;
  NTL_LAUNCH_ROWS(layer_norm_backward_by_row, a.rows, a.cols, aligned_rows(a.cols, a.x, a.weight, a.dy, a.dx), team, a);
}

}  // namespace nautile::NTL_TARGET
