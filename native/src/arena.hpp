// A caching allocator for tensors and scratch: what is released is kept for the next request of its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "memory.hpp"

namespace nautile {

// Blocks up to 16 MiB come in size classes (four per power of two, so at most 25 % is lost) carved from 64 MiB slabs;
// larger ones are mapped one by one. All memory is asked for in 2 MiB pages: touching a fresh 64 MiB block in 4 KiB
// pages costs 44 ms, and page faults were most of the time of large elementwise operations.
//
// NAUTILE_ARENA=malloc hands every block to malloc (for AddressSanitizer); NAUTILE_ARENA=guard maps each block on its
// own, its end at a page that must not be touched (finds reads and writes past the end).
class Arena final : public Memory {
 public:
  Arena();

  // Blocks are 64-byte aligned (guard: 8).
  void* allocate(std::int64_t bytes, std::string& reason) override;
  void release(void* block, std::int64_t bytes) override;

  void limit(std::int64_t bytes) override;
  void check(bool on) override;
  void trim() override;

  std::int64_t used() const override;
  std::int64_t peak() const override;
  std::int64_t reserved() const override;
  std::int64_t damaged() const override;

 private:
  enum class Mode { cache, malloc, guard };
  struct Free {
    Free* next;
  };

  void* take(std::int64_t bytes);
  void give(void* block, std::int64_t bytes);
  void* carve(std::int64_t bytes);
  void trim_locked();

  mutable std::mutex mutex_;
  Mode mode_ = Mode::cache;
  bool check_ = false;
  std::int64_t limit_ = 0;
  std::int64_t used_ = 0;
  std::int64_t peak_ = 0;
  std::int64_t reserved_ = 0;
  std::int64_t damaged_ = 0;
  std::byte* slab_ = nullptr;  // the rest of the newest slab
  std::byte* slab_end_ = nullptr;
  std::vector<Free*> classes_;
  std::multimap<std::int64_t, void*> large_free_;
  std::unordered_map<void*, std::int64_t> large_bytes_;  // what was mapped for each block above the classes
  std::unordered_map<void*, std::int64_t> checked_;      // blocks handed out with guard bytes, and their size
};

}  // namespace nautile
