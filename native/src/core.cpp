#include "nautile/core.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "dispatch.hpp"

namespace nautile {

extern const KernelTable table_cpu_baseline;
#if defined(__x86_64__)
extern const KernelTable table_cpu_avx2;
extern const KernelTable table_cpu_avx512;
#endif

namespace {

thread_local std::string last_error;
thread_local const char* last_target = "";

// A target of this build, best first, and whether this machine can run it.
struct Target {
  const KernelTable* table;
  bool usable;
};

// The table that NAUTILE_FORCE asks for, or else the best; null and the reason when this machine cannot run it.
const KernelTable* choose(std::string& reason) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  const Target targets[] = {{&table_cpu_avx512, avx512}, {&table_cpu_avx2, avx2}, {&table_cpu_baseline, true}};
#else
  const Target targets[] = {{&table_cpu_baseline, true}};
#endif
  const char* variable = std::getenv("NAUTILE_FORCE");
  const std::string force = variable == nullptr ? "" : variable;
  std::string names;
  for (const Target& target : targets) {
    if (force.empty() || force == target.table->target) {
      if (target.usable) return target.table;
      if (!force.empty()) {
        reason = "NAUTILE_FORCE=" + force + ": this processor lacks the instruction set";
        return nullptr;
      }
    }
    names += (names.empty() ? "" : ", ") + std::string(target.table->target);
  }
  reason = "NAUTILE_FORCE=" + force + " is not one of " + names;
  return nullptr;
}

}  // namespace

ntl_status fail(ntl_status status, const std::string& reason) {
  last_error = reason;
  return status;
}

ntl_status unknown(const char* function, const char* parameter, std::int64_t value) {
  return fail(NTL_BAD_ARGUMENT, std::string(function) + ": unknown " + parameter + " " + std::to_string(value));
}

void ran_on(const char* target) { last_target = target; }

}  // namespace nautile

using namespace nautile;

const char* ntl_version(void) { return NTL_VERSION; }

const char* ntl_last_error(void) { return last_error.c_str(); }

ntl_context ntl_context_open(const char* device) {
  if (std::strcmp(device, "cpu") != 0) {
    fail(NTL_UNSUPPORTED, std::string("no device '") + device + "'");
    return 0;
  }
  static std::string reason;
  static Context* const cpu = []() -> Context* {  // never destroyed: tensors may outlive every static
    const KernelTable* table = choose(reason);
    return table == nullptr ? nullptr : new Context{table, {}};
  }();
  if (cpu == nullptr) fail(NTL_UNSUPPORTED, reason);
  return reinterpret_cast<ntl_context>(cpu);
}

const char* ntl_context_target(ntl_context context) { return from(context).kernels->target; }

const char* ntl_last_target(void) { return last_target; }

ntl_address ntl_allocate(ntl_context context, int64_t bytes) {
  if (bytes < 0) {
    fail(NTL_BAD_ARGUMENT, "allocate: " + std::to_string(bytes) + " bytes");
    return 0;
  }
  std::string reason;
  void* block = from(context).arena.allocate(bytes, reason);
  if (block == nullptr) fail(NTL_OUT_OF_MEMORY, reason);
  return reinterpret_cast<ntl_address>(block);
}

void ntl_release(ntl_context context, ntl_address address, int64_t bytes) {
  from(context).arena.release(at<void>(address), bytes);
}

void ntl_memory_limit(ntl_context context, int64_t bytes) { from(context).arena.limit(bytes); }

int64_t ntl_memory_used(ntl_context context) { return from(context).arena.used(); }

int64_t ntl_memory_peak(ntl_context context) { return from(context).arena.peak(); }

int64_t ntl_memory_reserved(ntl_context context) { return from(context).arena.reserved(); }

void ntl_memory_trim(ntl_context context) { from(context).arena.trim(); }

void ntl_memory_check(ntl_context context, int32_t on) { from(context).arena.check(on != 0); }

int64_t ntl_memory_damaged(ntl_context context) { return from(context).arena.damaged(); }

ntl_status ntl_copy_in(ntl_context, ntl_address dst, const void* src, int64_t offset, int64_t bytes) {
  std::memcpy(at<void>(dst), static_cast<const char*>(src) + offset, static_cast<size_t>(bytes));
  return NTL_OK;
}

ntl_status ntl_copy_out(ntl_context, void* dst, int64_t offset, ntl_address src, int64_t bytes) {
  std::memcpy(static_cast<char*>(dst) + offset, at<const void>(src), static_cast<size_t>(bytes));
  return NTL_OK;
}

ntl_status ntl_set_threads(int32_t threads) {
  if (threads < 1) return fail(NTL_BAD_ARGUMENT, "set_threads: " + std::to_string(threads) + ", at least 1 is needed");
  Pool::instance().resize(threads);
  return NTL_OK;
}

int32_t ntl_threads(void) { return static_cast<int32_t>(Pool::instance().threads()); }
