#include "arena.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace nautile {
namespace {

constexpr std::int64_t kPage = 2 << 20;
constexpr std::int64_t kSlab = 64 << 20;
constexpr std::int64_t kLargestClass = 16 << 20;
constexpr std::int64_t kSmallest = 64;

// The size class of a request: 64, 128, 192, 256, then four steps per power of two.
struct SizeClass {
  std::size_t index;
  std::int64_t bytes;
};
SizeClass size_class(std::int64_t bytes) {
  if (bytes <= 4 * kSmallest) {
    const std::int64_t steps = std::max<std::int64_t>(1, round_up(bytes, kSmallest) / kSmallest);
    return {static_cast<std::size_t>(steps - 1), steps * kSmallest};
  }
  // 2^octave < bytes <= 2^(octave+1)
  const int octave = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(bytes - 1))) - 1;
  const std::int64_t base = std::int64_t{1} << octave;
  const std::int64_t quarters = round_up(bytes - base, base / 4) / (base / 4);
  return {static_cast<std::size_t>(4 + (octave - 8) * 4 + quarters - 1), base + quarters * (base / 4)};
}

// Memory from the system at a 2 MiB boundary, asked for in 2 MiB pages; null if there is none.
std::byte* map_pages(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes + kPage);
  void* raw = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  auto* first = static_cast<std::byte*>(raw);
  const auto address = reinterpret_cast<std::uintptr_t>(raw);
  const auto lead = static_cast<std::size_t>(round_up(static_cast<std::int64_t>(address), kPage)) - address;
  if (lead > 0) munmap(first, lead);
  const std::size_t tail = static_cast<std::size_t>(kPage) - lead;
  if (tail > 0) munmap(first + lead + bytes, tail);
#if defined(MADV_HUGEPAGE)
  madvise(first + lead, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
#endif
  return first + lead;
}

std::int64_t system_page() {
  static const std::int64_t page = sysconf(_SC_PAGESIZE);
  return page;
}

// One block whose end touches a page without access.
void* map_guarded(std::int64_t bytes) {
  const std::int64_t body = round_up(std::max<std::int64_t>(bytes, 1), system_page());
  void* raw = mmap(nullptr, static_cast<std::size_t>(body + system_page()), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  auto* first = static_cast<std::byte*>(raw);
  mprotect(first + body, static_cast<std::size_t>(system_page()), PROT_NONE);
  return first + body - round_up(bytes, 8);
}

void unmap_guarded(void* block, std::int64_t bytes) {
  const std::int64_t body = round_up(std::max<std::int64_t>(bytes, 1), system_page());
  munmap(static_cast<std::byte*>(block) + round_up(bytes, 8) - body, static_cast<std::size_t>(body + system_page()));
}

void poison(std::byte* block, std::int64_t bytes) {
  std::int64_t i = 0;
  for (; i + 4 <= bytes; i += 4) std::memcpy(block + i, &kPoison, 4);
  std::memcpy(block + i, &kPoison, static_cast<std::size_t>(bytes - i));
}

bool poisoned(const std::byte* block, std::int64_t bytes) {
  for (std::int64_t i = 0; i < bytes; i += 4) {
    if (std::memcmp(block + i, &kPoison, 4) != 0) return false;
  }
  return true;
}

}  // namespace

Arena::Arena() : classes_(size_class(kLargestClass).index + 1, nullptr) {
  const char* mode = std::getenv("NAUTILE_ARENA");
  if (mode != nullptr && std::strcmp(mode, "malloc") == 0) mode_ = Mode::malloc;
  if (mode != nullptr && std::strcmp(mode, "guard") == 0) mode_ = Mode::guard;
}

void* Arena::allocate(std::int64_t bytes, std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (std::string refusal = beyond_limit(bytes, used_, limit_); !refusal.empty()) {
    reason = std::move(refusal);
    return nullptr;
  }
  const std::int64_t whole = check_ ? round_up(bytes, 4) + 2 * kGuard : bytes;
  auto* block = static_cast<std::byte*>(take(whole));
  if (block == nullptr) {
    trim_locked();
    block = static_cast<std::byte*>(take(whole));
  }
  if (block == nullptr) {
    reason = "out of memory: the system refuses " + mib(bytes) + ", " + mib(used_) + " in use";
    return nullptr;
  }
  used_ += bytes;
  peak_ = std::max(peak_, used_);
  if (check_) {
    poison(block, whole);
    block += kGuard;
    checked_[block] = bytes;
  }
  return block;
}

void Arena::release(void* block, std::int64_t bytes) {
  if (block == nullptr) return;
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
  if (!checked_.empty() && checked_.erase(block) == 1) {
    auto* first = static_cast<std::byte*>(block);
    const std::byte* end = first + round_up(bytes, 4);
    // The up to three bytes between the block's end and its guard belong to nobody and are not looked at.
    if (!poisoned(first - kGuard, kGuard) || !poisoned(end, kGuard)) ++damaged_;
    give(first - kGuard, round_up(bytes, 4) + 2 * kGuard);
    return;
  }
  give(block, bytes);
}

void* Arena::take(std::int64_t bytes) {
  if (mode_ == Mode::malloc) {
    return std::aligned_alloc(64, static_cast<std::size_t>(round_up(std::max<std::int64_t>(bytes, 1), 64)));
  }
  if (mode_ == Mode::guard) return map_guarded(bytes);
  if (bytes <= kLargestClass) {
    const SizeClass size = size_class(bytes);
    Free*& head = classes_[size.index];
    if (head == nullptr) return carve(size.bytes);
    Free* block = head;
    head = block->next;
    return block;
  }
  const std::int64_t whole = round_up(bytes, kPage);
  const auto fit = large_free_.lower_bound(whole);
  if (fit != large_free_.end() && fit->first <= whole + whole / 8) {
    void* block = fit->second;
    large_bytes_[block] = fit->first;
    large_free_.erase(fit);
    return block;
  }
  void* block = map_pages(whole);
  if (block != nullptr) {
    large_bytes_[block] = whole;
    reserved_ += whole;
  }
  return block;
}

void Arena::give(void* block, std::int64_t bytes) {
  if (mode_ == Mode::malloc) {
    std::free(block);
  } else if (mode_ == Mode::guard) {
    unmap_guarded(block, bytes);
  } else if (bytes <= kLargestClass) {
    Free*& head = classes_[size_class(bytes).index];
    head = new (block) Free{head};
  } else {
    const auto entry = large_bytes_.find(block);
    large_free_.emplace(entry->second, block);
    large_bytes_.erase(entry);
  }
}

void* Arena::carve(std::int64_t bytes) {
  if (slab_end_ - slab_ < bytes) {  // the rest of the old slab was never touched and costs only addresses
    std::byte* slab = map_pages(kSlab);
    if (slab == nullptr) return nullptr;
    slab_ = slab;
    slab_end_ = slab + kSlab;
  }
  void* block = slab_;
  slab_ += bytes;
  reserved_ += bytes;
  return block;
}

void Arena::trim_locked() {
  for (const auto& [bytes, block] : large_free_) {
    munmap(block, static_cast<std::size_t>(bytes));
    reserved_ -= bytes;
  }
  large_free_.clear();
}

void Arena::trim() {
  const std::lock_guard lock(mutex_);
  trim_locked();
}

void Arena::limit(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = bytes;
}

void Arena::check(bool on) {
  const std::lock_guard lock(mutex_);
  check_ = on;
}

std::int64_t Arena::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::int64_t Arena::peak() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

std::int64_t Arena::reserved() const {
  const std::lock_guard lock(mutex_);
  return reserved_;
}

std::int64_t Arena::damaged() const {
  const std::lock_guard lock(mutex_);
  return damaged_;
}

}  // namespace nautile
