// Where the tensors of a context live.
#pragma once

#include <cstdint>
#include <string>

namespace nautile {

// Every function may be called from any thread.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  // Null when the limit or the system refuses; `reason` then says why.
  virtual void* allocate(std::int64_t bytes, std::string& reason) = 0;

  // Takes back what allocate returned, with the same size; null is ignored.
  virtual void release(void* block, std::int64_t bytes) = 0;

  virtual void limit(std::int64_t bytes) = 0;
  virtual void check(bool on) = 0;
  virtual void trim() = 0;

  virtual std::int64_t used() const = 0;
  virtual std::int64_t peak() const = 0;
  virtual std::int64_t reserved() const = 0;
  virtual std::int64_t damaged() const = 0;
};

// Of blocks that are checked (ntl_memory_check): filled with this NaN, also kGuard bytes on each side.
constexpr std::uint32_t kPoison = 0x7FC0DEAD;
constexpr std::int64_t kGuard = 64;  // keeps the alignment

constexpr std::int64_t round_up(std::int64_t bytes, std::int64_t step) { return (bytes + step - 1) / step * step; }

// For messages, rounded up.
inline std::string mib(std::int64_t bytes) { return std::to_string(round_up(bytes, 1 << 20) >> 20) + " MiB"; }

// Why a request is refused that would go past the limit; "" if there is none or it does not.
inline std::string beyond_limit(std::int64_t bytes, std::int64_t used, std::int64_t limit) {
  if (limit <= 0 || bytes <= limit - used) return "";
  return "out of memory: " + mib(bytes) + " asked, " + mib(used) + " in use, " + mib(limit) +
         " allowed (nautile.memory.limit)";
}

}  // namespace nautile
