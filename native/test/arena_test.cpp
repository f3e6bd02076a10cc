// The allocator: alignment, reuse, limit, trimming, and the modes in which it finds writes outside a block.
#include "arena.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "nautile/core.h"

namespace {

using nautile::Arena;

constexpr std::int64_t kMiB = 1 << 20;
std::string reason;

std::byte* take(Arena& arena, std::int64_t bytes) {
  auto* block = static_cast<std::byte*>(arena.allocate(bytes, reason));
  CHECK(block != nullptr, "%lld bytes: %s", static_cast<long long>(bytes), reason.c_str());
  return block;
}

// Sizes at and around every border of the size classes, and some above them.
std::vector<std::int64_t> sizes() {
  std::vector<std::int64_t> all = {0, 1, 63, 64, 65, 255, 256, 257};
  for (std::int64_t power = 512; power <= 32 * kMiB; power *= 2) {
    for (std::int64_t quarter = 4; quarter < 8; ++quarter) {
      for (std::int64_t off = -1; off <= 1; ++off) all.push_back(power / 4 * quarter + off);
    }
  }
  return all;
}

// Blocks of all sizes at once: aligned, apart, writable from end to end.
void blocks_are_apart(std::int64_t alignment) {
  Arena arena;
  std::vector<std::pair<std::byte*, std::int64_t>> blocks;
  std::int64_t sum = 0;
  for (const std::int64_t bytes : sizes()) {
    if (bytes > 4 * kMiB) continue;  // together they are enough
    std::byte* block = take(arena, bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % static_cast<std::uintptr_t>(alignment) == 0);
    std::memset(block, static_cast<int>(blocks.size() % 251), static_cast<std::size_t>(bytes));
    blocks.emplace_back(block, bytes);
    sum += bytes;
  }
  CHECK(arena.used() == sum && arena.peak() == sum);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::int64_t j = 0; j < blocks[i].second; ++j) {
      CHECK(blocks[i].first[j] == static_cast<std::byte>(i % 251), "block %zu of %lld bytes was overwritten", i,
            static_cast<long long>(blocks[i].second));
    }
    arena.release(blocks[i].first, blocks[i].second);
  }
  CHECK(arena.used() == 0 && arena.peak() == sum && arena.damaged() == 0);
}

void released_blocks_are_used_again() {
  Arena arena;
  for (const std::int64_t bytes : sizes()) {
    std::byte* first = take(arena, bytes);
    arena.release(first, bytes);
    const std::int64_t reserved = arena.reserved();
    std::byte* second = take(arena, bytes);
    CHECK(first == second && arena.reserved() == reserved, "%lld bytes", static_cast<long long>(bytes));
    CHECK(reserved >= bytes);
    arena.release(second, bytes);
  }
  // a large block also serves a smaller request, but not a much smaller one
  Arena other;
  std::byte* big = take(other, 40 * kMiB);
  other.release(big, 40 * kMiB);
  CHECK(take(other, 36 * kMiB) == big);
  CHECK(take(other, 20 * kMiB) != big);
}

void limit_names_all_three() {
  Arena arena;
  arena.limit(10 * kMiB);
  std::byte* block = take(arena, 4 * kMiB);
  CHECK(arena.allocate(6 * kMiB + 1, reason) == nullptr);
  CHECK(reason == "out of memory: 7 MiB asked, 4 MiB in use, 10 MiB allowed (nautile.memory.limit)", "%s",
        reason.c_str());
  arena.release(take(arena, 6 * kMiB), 6 * kMiB);
  arena.limit(0);
  arena.release(take(arena, 20 * kMiB), 20 * kMiB);
  arena.release(block, 4 * kMiB);
  CHECK(arena.used() == 0);
}

void refusals_of_the_system_are_told() {
  Arena arena;
  CHECK(arena.allocate(std::int64_t{1} << 55, reason) == nullptr && arena.used() == 0);
  CHECK(reason.find("the system refuses 34359738368 MiB") != std::string::npos, "%s", reason.c_str());
}

void trim_returns_large_blocks() {
  Arena arena;
  std::byte* kept = take(arena, 17 * kMiB);
  arena.release(take(arena, 50 * kMiB), 50 * kMiB);
  CHECK(arena.reserved() == 68 * kMiB);  // in whole pages of 2 MiB
  arena.trim();
  CHECK(arena.reserved() == 18 * kMiB);
  std::memset(kept, 1, 17 * kMiB);  // still there
  arena.release(kept, 17 * kMiB);
}

// Through the C ABI: fresh blocks hold the pattern, and a write on either side is noticed, one inside is not.
void check_mode_finds_damage() {
  const ntl_context cpu = ntl_context_open("cpu");
  CHECK(cpu != 0, "%s", ntl_last_error());
  const auto damaged_by = [cpu](std::int64_t bytes, std::int64_t place) {
    const ntl_address address = ntl_allocate(cpu, bytes);
    auto* block = reinterpret_cast<std::byte*>(address);
    std::uint32_t first = 0;
    std::memcpy(&first, block, 4);
    CHECK(first == 0x7FC0DEAD && address % 64 == 0);
    block[place] = std::byte{0x55};
    const std::int64_t before = ntl_memory_damaged(cpu);
    ntl_release(cpu, address, bytes);
    return ntl_memory_damaged(cpu) - before;
  };
  const ntl_address before = ntl_allocate(cpu, 100);
  ntl_memory_check(cpu, 1);
  for (const std::int64_t bytes : {std::int64_t{4}, std::int64_t{64}, std::int64_t{1000}, 20 * kMiB}) {
    CHECK(damaged_by(bytes, 0) == 0 && damaged_by(bytes, bytes - 1) == 0);
    CHECK(damaged_by(bytes, -1) == 1 && damaged_by(bytes, -64) == 1);
    CHECK(damaged_by(bytes, bytes) == 1 && damaged_by(bytes, bytes + 63) == 1);
  }
  CHECK(damaged_by(7, 8) == 1);
  const ntl_address inside = ntl_allocate(cpu, 100);
  ntl_memory_check(cpu, 0);
  ntl_release(cpu, inside, 100);  // each in the other mode than it was handed out in
  ntl_release(cpu, before, 100);
  CHECK(ntl_memory_used(cpu) == 0 && ntl_allocate(cpu, -1) == 0);
}

// The child must die of it: by a signal, or by a sanitizer's report.
bool kills(std::int64_t bytes, std::int64_t place) {
  const pid_t child = fork();
  if (child == 0) {
    std::freopen("/dev/null", "w", stderr);
    Arena arena;
    auto* block = static_cast<volatile std::byte*>(arena.allocate(bytes, reason));
    block[place] = std::byte{1};
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

}  // namespace

int main() {
  unsetenv("NAUTILE_ARENA");
  blocks_are_apart(64);
  released_blocks_are_used_again();
  limit_names_all_three();
  refusals_of_the_system_are_told();
  trim_returns_large_blocks();
  check_mode_finds_damage();

  setenv("NAUTILE_ARENA", "malloc", 1);
  blocks_are_apart(64);
  limit_names_all_three();

  setenv("NAUTILE_ARENA", "guard", 1);
  blocks_are_apart(8);
  limit_names_all_three();
  refusals_of_the_system_are_told();
  for (const std::int64_t bytes : {std::int64_t{8}, std::int64_t{4096}, std::int64_t{100'000}}) {
    CHECK(!kills(bytes, bytes - 1));
    CHECK(kills(bytes, bytes));
  }
  return 0;
}
