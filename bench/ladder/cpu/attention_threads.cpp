// Threads: each takes a part of the heads, which have nothing to do with each other: no waiting, nothing shared but the way to
// memory. With fewer heads than threads some would have nothing to do.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void attention_blocked(const Attention& p, float* scratch, const Team& team);
std::int64_t attention_blocked_scratch(const Attention& p);

std::int64_t attention_threads_scratch(const Attention& p) { return attention_blocked_scratch(p); }

void attention_threads(const Attention& p, float* scratch, const Team& team) {
  const std::int64_t begin = p.heads * team.rank / team.size;
  const std::int64_t end = p.heads * (team.rank + 1) / team.size;
  const std::int64_t start = begin * p.length * kHead;
  const Attention part{p.q + start, p.k + start, p.v + start, p.y + start, end - begin, p.length};
  attention_blocked(part, scratch + team.rank * attention_threads_scratch(p), Team{});
}

}  // namespace nautile::NTL_TARGET
