#include "nautile/group_norm.hpp"

#include "nautile/cuda_channels.hpp"

// Bound by memory, as batch_norm.cu.

namespace nautile::NTL_TARGET {
namespace {

__global__ void __launch_bounds__(kThreads)
    group_norm_forward_factors(GroupNormForward a, const double* joined, float* factors) {
  const ChannelShape& s = a.norm.shape;
  for_items(s.samples * s.channels, [&](std::int64_t i) {
    const Moments m = moments(a.norm, joined, i / s.channels, i % s.channels);
    const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
    keep(a.norm, factors, i / s.channels, i % s.channels, m.mean, m.squares / n);
  });
}

}  // namespace

void group_norm_forward(const GroupNormForward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.norm.shape;
  if (s.rows == 0) return;
  const ChannelWork work(s, workspace);
  measure(a.norm, work, team);
  NTL_LAUNCH(group_norm_forward_factors, blocks_for(s.samples * s.channels, kThreads), dim3(kThreads), 0,
             stream_of(team), a, work.joined, work.factors);
  normalise(a.norm, work, team);
}

void group_norm_backward(const GroupNormBackward& a, std::byte* workspace, const Team& team) {
  channel_norm_backward(a.norm, workspace, team);
}

}  // namespace nautile::NTL_TARGET
