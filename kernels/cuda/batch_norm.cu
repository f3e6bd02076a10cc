#include "nautile/batch_norm.hpp"

#include "nautile/cuda_channels.hpp"

// Bound by memory: x is read twice and y written once; backward x and dy are read twice and dx written once.

namespace nautile::NTL_TARGET {
namespace {

__device__ inline void move(float* running, double value, double share) {
  *running = static_cast<float>((1.0 - share) * static_cast<double>(*running) + share * value);
}

// The statistics of a batch.
__global__ void __launch_bounds__(kThreads)
    batch_norm_forward_join_columns(BatchNormForward a, const double* parts, float* factors) {
  NTL_SHARED(double, scratch, [kJoinScratch<2>]);
  const ChannelShape& s = a.norm.shape;
  for_joined_columns<2>(parts, s.blocks(), s.channels, scratch, [&](std::int64_t c, const double(&sums)[2]) {
    const Moments m = moments(a.norm, 0, c, {sums[0], sums[1]});
    const auto n = static_cast<double>(s.rows);
    keep(a.norm, factors, 0, c, m.mean, m.squares / n);
    if (a.running_mean == nullptr) return;
    const double share = a.share(*a.batches);
    move(a.running_mean + c, m.mean, share);
    move(a.running_var + c, m.squares / (n - 1.0), share);
  });
}

__global__ void __launch_bounds__(kThreads) batch_norm_forward_keep_running(BatchNormForward a, float* factors) {
  for_items(a.norm.shape.channels, [&](std::int64_t c) {
    keep(a.norm, factors, 0, c, static_cast<double>(a.running_mean[c]), static_cast<double>(a.running_var[c]));
  });
}

}  // namespace

void batch_norm_forward(const BatchNormForward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.norm.shape;
  const ChannelWork work(s, workspace);
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  if (a.training) measure(a.norm, a.batches, work, team);
  if (s.rows == 0) return;
  if (!a.training) {
    NTL_LAUNCH(batch_norm_forward_keep_running, blocks_for(s.channels, kThreads), threads, 0, stream, a, work.factors);
  } else {
    NTL_LAUNCH(batch_norm_forward_join_columns, blocks_for_joined_columns(s.channels), threads, 0, stream, a,
               work.parts, work.factors);
  }
  normalise(a.norm, work, team);
}

void batch_norm_backward(const BatchNormBackward& a, std::byte* workspace, const Team& team) {
  channel_norm_backward(a.norm, workspace, team);
}

}  // namespace nautile::NTL_TARGET
