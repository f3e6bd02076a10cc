#include "nautile/group_norm.hpp"

#include <cmath>
#include <type_traits>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_norm.hpp"
#include "nautile/vec_channels.hpp"

namespace nautile::NTL_TARGET {

void group_norm_forward(const GroupNormForward& a, std::byte* workspace, const Team& team) {
  const ChannelShape& s = a.norm.shape;
  const ChannelWork work(s, workspace);
  measure(s, a.norm.x, work.parts, team);
  team.barrier();
  const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
  join_measured(s, work, team, [&](std::int64_t sample, std::int64_t group, double mean, double squares) {
    keep(a.norm, work, sample, group, mean, squares / n);
  });
  team.barrier();
  normalise(a.norm, work, team);
}

void group_norm_backward(const GroupNormBackward& a, std::byte* workspace, const Team& team) {
  channel_norm_backward(a.norm, workspace, team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
