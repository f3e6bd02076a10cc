#include "nautile/batch_norm.hpp"

#include "nautile/cuda_channels.hpp"

// Bound by memory: x is read twice and y written once; backward x and dy are read twice and dx written once.

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(kThreads) batch_norm_count_batch(std::int64_t* batches) {
  if (threadIdx.x == 0) ++*batches;
}

__device__ inline void move(float* running, double value, double share) {
  *running = static_cast<float>((1.0 - share) * static_cast<double>(*running) + share * value);
}

__global__ void __launch_bounds__(kThreads)
    batch_norm_forward_factors(BatchNormForward a, const double* joined, float* factors) {
  for_items(a.norm.shape.channels, [&](std::int64_t c) {
    if (!a.training) {
      keep(a.norm, factors, 0, c, static_cast<double>(a.running_mean[c]), static_cast<double>(a.running_var[c]));
      return;
    }
    const auto n = static_cast<double>(a.norm.shape.rows);
    const Moments m = moments(a.norm, joined, 0, c);
    keep(a.norm, factors, 0, c, m.mean, m.squares / n);
    if (a.running_mean == nullptr) return;
    const double share = a.share(*a.batches);
    move(a.running_mean + c, m.mean, share);
    move(a.running_var + c, m.squares / (n - 1.0), share);
  });
}

}  // namespace

void batch_norm_forward(const BatchNormForward& a, std::byte* workspace, const Team& team) {
  const ChannelWork work(a.norm.shape, workspace);
  if (a.training) {
    if (a.batches != nullptr)
      NTL_LAUNCH(batch_norm_count_batch, dim3(1), dim3(kThreads), 0, stream_of(team), a.batches);
    measure(a.norm, work, team);
  }
  if (a.norm.shape.rows == 0) return;
  NTL_LAUNCH(batch_norm_forward_factors, blocks_for(a.norm.shape.channels, kThreads), dim3(kThreads), 0,
             stream_of(team), a, work.joined, work.factors);
  normalise(a.norm, work, team);
}

void batch_norm_backward(const BatchNormBackward& a, std::byte* workspace, const Team& team) {
  channel_norm_backward(a.norm, workspace, team);
}

}  // namespace nautile::NTL_TARGET
