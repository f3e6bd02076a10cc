// The one pool of worker threads of the process.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "nautile/kernel.hpp"

namespace nautile {

// Workers spin briefly for the next region, then sleep: on cores shared with others, pure spinning was seen to stall a
// region 300-fold. A small region would be over before they wake: it has the caller alone, unless they still spin. One region
// runs at a time; a thread that finds the pool taken runs its kernel alone, with the same bits (Team says why).
class Pool {
 public:
  static Pool& instance();

  // The number of threads a region may have, its caller included.
  std::int64_t threads() const { return threads_.load(std::memory_order_relaxed); }

  // Waits for a running region, then changes the size; >= 1.
  void resize(std::int64_t threads);

  // A claim on up to `wanted` threads, held until destroyed; if it is not worth waking workers, on those awake or the caller.
  class Region {
   public:
    Region(Pool& pool, std::int64_t wanted, bool worth_waking = true);
    std::int64_t size() const { return size_; }

    // Calls body(argument, team) once per member and returns when all have returned.
    void run(void (*body)(void* argument, const Team& team), void* argument);

   private:
    Pool& pool_;
    std::unique_lock<std::mutex> claim_;
    std::int64_t size_ = 1;
  };

 private:
  Pool();
  void start();
  void stop();
  void work(std::int64_t rank);
  void await_region(std::uint32_t seen);
  void ring();
  bool awake();
  static void barrier(void* pool);

  std::mutex claim_;
  std::atomic<std::int64_t> threads_;
  std::vector<std::thread> workers_;

  // The running region; written before epoch_ is raised, read after.
  void (*body_)(void*, const Team&) = nullptr;
  void* argument_ = nullptr;
  std::int64_t members_ = 1;
  bool stopping_ = false;

  // Of regions not worth waking workers; guarded by claim_.
  bool shared_ = false;          // one had a team since the bell was last rung for them
  std::int64_t calls_ = 1;       // that pass between two rings, more of them while rings are in vain
  std::int64_t calls_left_ = 0;  // until the next

  alignas(64) std::atomic<std::uint32_t> epoch_{0};
  alignas(64) std::atomic<std::uint32_t> bell_{0};    // what sleeping workers wait for
  alignas(64) std::atomic<std::uint32_t> asleep_{0};  // workers
  alignas(64) std::atomic<std::uint32_t> running_{0};
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
};

}  // namespace nautile
