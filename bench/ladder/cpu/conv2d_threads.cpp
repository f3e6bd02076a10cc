// Threads: each takes a part of the output channels, with the weights of those alone. All of them transform the whole picture,
// each for itself: to share that they would have to wait for each other.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void conv2d_winograd(const Convolution& p, float* scratch, const Team& team);
std::int64_t conv2d_winograd_scratch(const Convolution& p);

std::int64_t conv2d_threads_scratch(const Convolution& p) { return conv2d_winograd_scratch(p); }

void conv2d_threads(const Convolution& p, float* scratch, const Team& team) {
  const std::int64_t begin = p.out * team.rank / team.size;
  const std::int64_t end = p.out * (team.rank + 1) / team.size;
  const std::int64_t pixels = p.height * p.width;
  float* mine = scratch + team.rank * conv2d_threads_scratch(p);
  for (std::int64_t i = 0; i < p.images; ++i) {
    const Convolution part{p.x + i * p.in * pixels,
                           p.w + begin * p.in * 9,
                           p.y + (i * p.out + begin) * pixels,
                           1,
                           p.in,
                           end - begin,
                           p.height,
                           p.width};
    conv2d_winograd(part, mine, Team{});
  }
}

}  // namespace nautile::NTL_TARGET
