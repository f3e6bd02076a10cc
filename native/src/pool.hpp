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
// region 300-fold. One region runs at a time; a thread that finds the pool taken runs its kernel alone, with the same
// bits (Team says why).
class Pool {
 public:
  static Pool& instance();

  // The number of threads a region may have, its caller included.
  std::int64_t threads() const { return threads_.load(std::memory_order_relaxed); }

  // Waits for a running region, then changes the size; >= 1.
  void resize(std::int64_t threads);

  // A claim on up to `wanted` threads, held until destroyed.
  class Region {
   public:
    Region(Pool& pool, std::int64_t wanted);
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
  static void barrier(void* pool);

  std::mutex claim_;
  std::atomic<std::int64_t> threads_;
  std::vector<std::thread> workers_;

  // The running region; written before epoch_ is raised, read after.
  void (*body_)(void*, const Team&) = nullptr;
  void* argument_ = nullptr;
  std::int64_t members_ = 1;
  bool stopping_ = false;

  alignas(64) std::atomic<std::uint32_t> epoch_{0};
  alignas(64) std::atomic<std::uint32_t> running_{0};
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
};

}  // namespace nautile
