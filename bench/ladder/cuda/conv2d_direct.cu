// Direct: no matrix in memory. A block has 16 x 32 pixels of 32 output channels; of four input channels at a time it holds the pixels
// with their border, and the weights, in shared memory. A thread has two pixels of all 32 channels: twelve pixels in registers and
// four weights a load serve 64 sums.
#include "ladder.hpp"
#include "nautile/cuda_grid.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kRows = 16;
constexpr int kCols = 32;
constexpr int kOut = 32;
constexpr int kIn = 4;

__global__ void __launch_bounds__(256, 2) conv2d_direct_by_block(Convolution p) {
  NTL_SHARED(float, x, [kIn][kRows + 2][kCols + 2]);
  NTL_SHARED(float, w, [kIn * 9][kOut]);
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t across = ceil_div(p.width, kCols);
  const std::int64_t r0 = blockIdx.x / across * kRows;
  const std::int64_t c0 = blockIdx.x % across * kCols;
  const std::int64_t o0 = std::int64_t{blockIdx.y} * kOut;
  const std::int64_t image = blockIdx.z;
  float sum[2][kOut] = {};
  for (std::int64_t ch0 = 0; ch0 < p.in; ch0 += kIn) {
    NTL_UNROLL_BY(2)
    for (int e = thread; e < kIn * (kRows + 2) * (kCols + 2); e += 256) {
      const std::int64_t ch = ch0 + e / ((kRows + 2) * (kCols + 2));
      const std::int64_t r = r0 + e / (kCols + 2) % (kRows + 2) - 1;
      const std::int64_t c = c0 + e % (kCols + 2) - 1;
      const bool inside = ch < p.in && r >= 0 && r < p.height && c >= 0 && c < p.width;
      (&x[0][0][0])[e] = inside ? p.x[((image * p.in + ch) * p.height + r) * p.width + c] : 0.0F;
    }
    NTL_UNROLL_BY(2)
    for (int e = thread; e < kIn * 9 * kOut; e += 256) {
      const std::int64_t o = o0 + e / (kIn * 9);
      const std::int64_t ch = ch0 + e % (kIn * 9) / 9;
      w[e % (kIn * 9)][e / (kIn * 9)] = o < p.out && ch < p.in ? p.w[(o * p.in + ch) * 9 + e % 9] : 0.0F;
    }
    __syncthreads();
    for (int ch = 0; ch < kIn; ++ch) {
      float near[4][3];  // what two pixels, one below the other, see
      NTL_UNROLL
      for (int k = 0; k < 12; ++k) near[k / 3][k % 3] = x[ch][thread / 32 * 2 + k / 3][thread % 32 + k % 3];
      NTL_UNROLL
      for (int tap = 0; tap < 9; ++tap) {
        NTL_UNROLL
        for (int o = 0; o < kOut; o += 4) {
          const Pack<4> weight = load<4>(&w[ch * 9 + tap][o]);
          NTL_UNROLL
          for (int k = 0; k < 8; ++k) {
            sum[k / 4][o + k % 4] = fmaf(weight.v[k % 4], near[tap / 3 + k / 4][tap % 3], sum[k / 4][o + k % 4]);
          }
        }
      }
    }
    __syncthreads();
  }
  NTL_UNROLL
  for (int k = 0; k < 2 * kOut; ++k) {
    const std::int64_t o = o0 + k % kOut;
    const std::int64_t r = r0 + thread / 32 * 2 + k / kOut;
    const std::int64_t c = c0 + thread % 32;
    if (o < p.out && r < p.height && c < p.width) {
      p.y[((image * p.out + o) * p.height + r) * p.width + c] = sum[k / kOut][k % kOut];
    }
  }
}

}  // namespace

void conv2d_direct(const Convolution& p, float* /*scratch*/, const Team& team) {
  const dim3 grid(static_cast<unsigned>(ceil_div(p.height, kRows) * ceil_div(p.width, kCols)),
                  static_cast<unsigned>(ceil_div(p.out, kOut)), static_cast<unsigned>(p.images));
  NTL_LAUNCH(conv2d_direct_by_block, grid, dim3(256), 0, stream_of(team), p);
}

}  // namespace nautile::NTL_TARGET
