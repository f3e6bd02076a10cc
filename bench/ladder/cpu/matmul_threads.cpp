// Threads: each takes a part of the rows of y, and nobody writes what another reads, so that they need not wait for each other.
// Every thread copies b for itself, into a cache of its own. What they share is the way to memory.
#include "ladder.hpp"

namespace nautile::NTL_TARGET {

void matmul_packed(const Product& p, float* scratch, const Team& team);
std::int64_t matmul_packed_scratch(const Product& p);

std::int64_t matmul_threads_scratch(const Product& p) { return matmul_packed_scratch(p); }

void matmul_threads(const Product& p, float* scratch, const Team& team) {
  const std::int64_t begin = p.m * team.rank / team.size;
  const std::int64_t end = p.m * (team.rank + 1) / team.size;
  const Product part{p.a + begin * p.k, p.b, p.y + begin * p.n, end - begin, p.n, p.k};
  matmul_packed(part, scratch + team.rank * matmul_threads_scratch(p), Team{});
}

}  // namespace nautile::NTL_TARGET
