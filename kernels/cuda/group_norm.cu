#include "nautile/group_norm.hpp"

#include "nautile/cuda_channels.hpp"

// Bound by memory, as batch_norm.cu.

namespace nautile::NTL_TARGET {
namespace {

// The statistics: a warp or a block for each group of channels of a sample.
template <int kGroup>
__global__ void __launch_bounds__(kThreads)
    group_norm_forward_join_parts(GroupNormForward a, const double* parts, float* factors) {
  NTL_SHARED(double, scratch, [kWarps]);
  const ChannelShape& s = a.norm.shape;
  for_rows<kGroup>(s.samples * s.groups, [&](std::int64_t item, int member) {
    const std::int64_t sample = item / s.groups;
    const std::int64_t begin = (item - sample * s.groups) * s.per_group();
    const Moments m = moments<kGroup>(a.norm, parts, sample, begin, member, scratch);
    const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
    for (std::int64_t c = begin + member; c < begin + s.per_group(); c += kGroup)
      keep(a.norm, factors, sample, c, m.mean, m.squares / n);
  });
}

}  // namespace

void group_norm_forward(const GroupNormForward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.norm.shape;
  if (s.rows == 0) return;
  const ChannelWork work(s, workspace);
  measure(a.norm, nullptr, work, team);
  if (few_parts(s.blocks() * s.per_group())) {
    NTL_LAUNCH((group_norm_forward_join_parts<kWarp>), blocks_for_rows(s.samples * s.groups, true), dim3(kThreads), 0,
               stream_of(team), a, work.parts, work.factors);
  } else {
    NTL_LAUNCH((group_norm_forward_join_parts<kThreads>), blocks_for_rows(s.samples * s.groups, false), dim3(kThreads),
               0, stream_of(team), a, work.parts, work.factors);
  }
  normalise(a.norm, work, team);
}

void group_norm_backward(const GroupNormBackward& a, std::byte* workspace, const Team& team) {
  channel_norm_backward(a.norm, workspace, team);
}

}  // namespace nautile::NTL_TARGET
