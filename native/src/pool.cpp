#include "pool.hpp"

#include <algorithm>
#include <csignal>

namespace nautile {
namespace {

// About 35 us on the machine this was tuned on, long enough for the gap between two ops of a training step.
constexpr int kSpins = 2000;

// After a ring that came with no region: the caller is at a small one, and may have another.
constexpr int kLongSpins = 10 * kSpins;

constexpr std::int64_t kMostCalls = 64;  // of small regions, from one ring in vain to the next

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns the first value of `word` that differs from `old`: spins, then sleeps.
std::uint32_t await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const std::uint32_t now = word.load(std::memory_order_acquire);
    if (now != old) return now;
    pause();
  }
  word.wait(old, std::memory_order_acquire);
  return word.load(std::memory_order_acquire);
}

}  // namespace

Pool& Pool::instance() {
  static Pool* const pool = new Pool;  // never destroyed: workers may still sleep in it when the process ends
  return *pool;
}

Pool::Pool() : threads_(static_cast<std::int64_t>(std::thread::hardware_concurrency())) {
  if (threads_ < 1) threads_ = 1;
}

void Pool::resize(std::int64_t threads) {
  const std::lock_guard claim(claim_);
  if (threads == threads_) return;
  stop();
  threads_ = threads;
}

void Pool::start() {
  // Signals stay with the threads of the JVM: a worker must not be the one that handles Ctrl-C. Faults do not: a thread
  // that blocks its own ends the process without the JVM's or a sanitizer's report.
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  for (std::int64_t rank = 1; rank < threads_; ++rank) workers_.emplace_back([this, rank] { work(rank); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Pool::stop() {
  if (workers_.empty()) return;
  stopping_ = true;
  epoch_.fetch_add(1, std::memory_order_release);
  ring();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  stopping_ = false;
  epoch_ = 0;
}

void Pool::work(std::int64_t rank) {
  // A worker starts while epoch_ is 0 or already 1: it sees its first region either way.
  std::uint32_t seen = 0;
  for (;;) {
    await_region(seen);
    ++seen;  // a region cannot end without its members, so at most one is ahead for them
    if (stopping_) return;
    if (rank < members_) body_(argument_, Team{rank, members_, &Pool::barrier, this});
    if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) running_.notify_one();
  }
}

void Pool::await_region(std::uint32_t seen) {
  for (int spins = kSpins;; spins = kLongSpins) {
    const std::uint32_t rung = bell_.load(std::memory_order_acquire);
    for (int i = 0; i < spins; ++i) {
      if (epoch_.load(std::memory_order_acquire) != seen) return;
      pause();
    }
    asleep_.fetch_add(1, std::memory_order_relaxed);
    bell_.wait(rung, std::memory_order_acquire);
    asleep_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void Pool::ring() {
  bell_.fetch_add(1, std::memory_order_release);
  bell_.notify_all();
}

// Where small regions follow each other closely, a ring at the first has the workers awake for the next. Where they do not,
// rings become rare.
bool Pool::awake() {
  if (asleep_.load(std::memory_order_relaxed) == 0) {
    shared_ = true;
    return true;
  }
  if (calls_left_-- <= 0) {
    calls_ = shared_ ? 1 : std::min(2 * calls_, kMostCalls);
    calls_left_ = calls_;
    shared_ = false;
    ring();
  }
  return false;
}

void Pool::barrier(void* self) {
  auto& pool = *static_cast<Pool*>(self);
  const std::uint32_t phase = pool.phase_.load(std::memory_order_acquire);
  if (pool.arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<std::uint32_t>(pool.members_)) {
    pool.arrived_.store(0, std::memory_order_relaxed);
    pool.phase_.fetch_add(1, std::memory_order_release);
    pool.phase_.notify_all();
  } else {
    await_change(pool.phase_, phase);
  }
}

Pool::Region::Region(Pool& pool, std::int64_t wanted, bool worth_waking) : pool_(pool) {
  if (wanted <= 1 || pool.threads() <= 1) return;
  claim_ = std::unique_lock(pool.claim_, std::try_to_lock);
  if (!claim_.owns_lock() || pool.threads() <= 1) return;
  if (pool.workers_.empty()) pool.start();
  if (worth_waking || pool.awake()) {
    size_ = std::min(wanted, pool.threads());
  } else {
    claim_.unlock();
  }
}

void Pool::Region::run(void (*body)(void* argument, const Team& team), void* argument) {
  if (size_ == 1) {
    body(argument, Team{});
    return;
  }
  pool_.body_ = body;
  pool_.argument_ = argument;
  pool_.members_ = size_;
  pool_.running_.store(static_cast<std::uint32_t>(pool_.workers_.size()), std::memory_order_relaxed);
  pool_.epoch_.fetch_add(1, std::memory_order_release);
  pool_.ring();
  body(argument, Team{0, size_, &Pool::barrier, &pool_});
  std::uint32_t left = pool_.running_.load(std::memory_order_acquire);
  while (left != 0) left = await_change(pool_.running_, left);
}

}  // namespace nautile
