#include "nautile/batch_norm.hpp"

#include <cmath>
#include <type_traits>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_norm.hpp"
#include "nautile/vec_channels.hpp"

namespace nautile::NTL_TARGET {
namespace {

void move(float& running, double value, double share) {
  running = static_cast<float>((1.0 - share) * static_cast<double>(running) + share * value);
}

}  // namespace

void batch_norm_forward(const BatchNormForward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.norm.shape;
  const ChannelWork work(s, workspace);
  if (a.training) {
    if (a.batches != nullptr && team.rank == 0) ++*a.batches;
    measure(s, a.norm.x, work.parts, team);
    team.barrier();
    if (s.rows == 0) return;
    const auto n = static_cast<double>(s.rows);
    join_measured(s, work, team, [&](std::int64_t sample, std::int64_t c, double mean, double squares) {
      keep(a.norm, work, sample, c, mean, squares / n);
      if (a.running_mean == nullptr) return;
      const double share = a.share(*a.batches);
      move(a.running_mean[c], mean, share);
      move(a.running_var[c], squares / (n - 1.0), share);
    });
  } else {
    for_groups(team, s, [&](std::int64_t sample, std::int64_t c, std::int64_t end) {
      for (; c < end; ++c) {
        keep(a.norm, work, sample, c, static_cast<double>(a.running_mean[c]), static_cast<double>(a.running_var[c]));
      }
    });
  }
  team.barrier();
  normalise(a.norm, work, team);
}

void batch_norm_backward(const BatchNormBackward& a, std::byte* workspace, const Team& team) {
  channel_norm_backward(a.norm, workspace, team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
