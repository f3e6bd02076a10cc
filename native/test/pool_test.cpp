// The worker pool: every member runs once, barriers hold, callers from many threads and changes of size do no harm.
#include "pool.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <thread>
#include <vector>

#include "check.hpp"
#include "nautile/core.h"

namespace {

using nautile::Pool;
using nautile::Team;

struct Seen {
  std::atomic<std::int64_t> calls[16]{};
  std::atomic<std::int64_t> size{0};
};

// A region, checked: members 0 to size - 1, each once.
std::int64_t region(std::int64_t wanted, bool worth_waking = true) {
  Seen seen;
  Pool::Region region(Pool::instance(), wanted, worth_waking);
  region.run(
      [](void* argument, const Team& team) {
        auto& s = *static_cast<Seen*>(argument);
        ++s.calls[team.rank];
        s.size = team.size;
      },
      &seen);
  CHECK(seen.size == region.size());
  for (std::int64_t rank = 0; rank < 16; ++rank) {
    CHECK(seen.calls[rank] == (rank < region.size() ? 1 : 0), "member %d of %d", static_cast<int>(rank),
          static_cast<int>(region.size()));
  }
  return region.size();
}

void sizes_are_what_was_asked_for() {
  for (const std::int32_t threads : {1, 2, 5, 3}) {
    CHECK(ntl_set_threads(threads) == NTL_OK && ntl_threads() == threads);
    for (std::int64_t wanted = 0; wanted <= 7; ++wanted) {
      const std::int64_t expected = wanted < 1 ? 1 : wanted < threads ? wanted : threads;
      CHECK(region(wanted) == expected);
    }
  }
  CHECK(ntl_set_threads(0) == NTL_BAD_ARGUMENT && ntl_threads() == 3);
}

void many_regions() {
  ntl_set_threads(3);
  for (int i = 0; i < 3000; ++i) region(i % 5, i % 3 == 0);
}

// Regions that are not worth waking workers begin alone and, as they follow each other closely, come to have a team. On a
// single processor the worker is never seen awake.
void small_regions() {
  if (std::thread::hardware_concurrency() < 2) return;
  ntl_set_threads(2);
  region(2);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    CHECK(std::chrono::steady_clock::now() < end, "the worker does not sleep");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  } while (region(2, false) == 2);
  while (region(2, false) == 1) CHECK(std::chrono::steady_clock::now() < end, "the worker does not wake");
}

// In each round every member writes its place, and after the barrier must see what all others wrote in that round.
struct Rounds {
  std::int64_t written[16] = {};  // plain: the barrier alone orders these
  std::atomic<std::int64_t> wrong{0};
};
void barriers_hold() {
  for (const std::int32_t threads : {2, 3, 5}) {
    ntl_set_threads(threads);
    Rounds rounds;
    Pool::Region region(Pool::instance(), threads);
    region.run(
        [](void* argument, const Team& team) {
          auto& r = *static_cast<Rounds*>(argument);
          for (std::int64_t round = 1; round <= 300; ++round) {
            r.written[team.rank] = round;
            team.barrier();
            for (std::int64_t rank = 0; rank < team.size; ++rank) r.wrong += r.written[rank] != round;
            team.barrier();
          }
        },
        &rounds);
    CHECK(rounds.wrong == 0, "%d threads", threads);
  }
}

// A thread that finds the pool taken, here by itself, runs alone.
void nested_regions_run_alone() {
  ntl_set_threads(3);
  std::atomic<std::int64_t> sizes{0};
  Pool::Region outer(Pool::instance(), 3);
  CHECK(outer.size() == 3);
  outer.run([](void* argument, const Team&) { *static_cast<std::atomic<std::int64_t>*>(argument) += region(3); },
            &sizes);
  CHECK(sizes == 3);
}

void concurrent_callers_and_changes_of_size() {
  std::vector<std::thread> callers;
  std::atomic<int> running{4};
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&running] {
      for (int i = 0; i < 400; ++i) region(4);
      --running;
    });
  }
  std::int32_t threads = 1;
  while (running > 0) {
    ntl_set_threads(1 + threads++ % 4);
    std::this_thread::yield();
  }
  for (std::thread& caller : callers) caller.join();
}

// Ctrl-C is for others to handle, a fault is the worker's own.
void workers_block_signals_but_not_faults() {
  ntl_set_threads(3);
  std::atomic<std::int64_t> right{0};
  Pool::Region region(Pool::instance(), 3);
  region.run(
      [](void* argument, const Team& team) {
        sigset_t blocked;
        pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        const bool worker = sigismember(&blocked, SIGINT) == 1 && sigismember(&blocked, SIGSEGV) == 0;
        *static_cast<std::atomic<std::int64_t>*>(argument) += team.rank == 0 || worker;
      },
      &right);
  CHECK(right == 3);
}

}  // namespace

int main() {
  sizes_are_what_was_asked_for();
  many_regions();
  small_regions();
  barriers_hold();
  nested_regions_run_alone();
  concurrent_callers_and_changes_of_size();
  workers_block_signals_but_not_faults();
  return 0;
}
