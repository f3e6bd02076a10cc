#include "settings.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "emulated/control.h"

namespace emulated {
namespace {

// A number with an optional suffix k, m or g; `otherwise` where the variable is missing or no such number.
std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return otherwise;
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  int shift = 0;
  switch (*end) {
    case 'k': shift = 10; break;
    case 'm': shift = 20; break;
    case 'g': shift = 30; break;
    default: break;
  }
  if (end == text || end[shift != 0 ? 1 : 0] != '\0') {
    std::fprintf(stderr, "%s=%s is no number (suffixes: k, m, g); using %llu\n", variable, text,
                 static_cast<unsigned long long>(otherwise));
    return otherwise;
  }
  return value << shift;
}

Settings read() {
  Settings s;
  s.devices = static_cast<int>(number("NAUTILE_EMULATED_DEVICES", 1));
  s.memory = number("NAUTILE_EMULATED_MEMORY", s.memory);
  const unsigned cores = std::thread::hardware_concurrency();
  s.threads = static_cast<int>(number("NAUTILE_EMULATED_THREADS", cores > 0 ? cores : 1));
  if (s.threads < 1) s.threads = 1;
#if defined(NAUTILE_EMULATED_TSAN)
  s.threads =
      1;  // the sanitizer sees CUDA threads as threads; blocks on one OS thread are unordered to it all the same
#endif
  s.seed = number("NAUTILE_EMULATED_SEED", 0);
  return s;
}

std::atomic<std::uint64_t>& current_seed() {
  static std::atomic<std::uint64_t> value{settings().seed};
  return value;
}

}  // namespace

const Settings& settings() {
  static const Settings value = read();
  return value;
}

std::uint64_t seed() { return current_seed().load(std::memory_order_relaxed); }

void set_seed(std::uint64_t seed) { current_seed().store(seed, std::memory_order_relaxed); }

}  // namespace emulated
