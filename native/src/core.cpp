#include "nautile/core.h"

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <string>

#include "arena.hpp"
#include "dispatch.hpp"
#include "nautile/library.hpp"

namespace nautile {

extern const KernelTable table_cpu_baseline;
extern const KernelTable table_openblas;
extern const KernelTable table_cudnn;
#if defined(__x86_64__)
extern const KernelTable table_cpu_avx2;
extern const KernelTable table_cpu_avx512;
#endif

namespace {

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

// "cuda:1" is device 1 of the kind "cuda", "cuda" its device 0; -1 for what is no number.
std::int32_t index_of(const std::string& name, std::string& kind) {
  const std::size_t colon = name.find(':');
  kind = name.substr(0, colon);
  if (colon == std::string::npos) return 0;
  const std::string digits = name.substr(colon + 1);
  if (digits.empty() || digits.size() > 4 || digits.find_first_not_of("0123456789") != std::string::npos) return -1;
  return std::atoi(digits.c_str());
}

// A table of a library has the kernels that the library replaces; the rest is the base's.
const KernelTable* merge(const KernelTable& base, const KernelTable& library) {
  // After the name come slots, each as large as any other; a table is as long as the process.
  constexpr std::size_t kSlot = sizeof(Kernel<FillForward>);
  static_assert((sizeof(KernelTable) - sizeof(base.target)) % kSlot == 0);
  auto* merged = new KernelTable(base);
  merged->target = library.target;
  for (std::size_t at = sizeof(base.target); at < sizeof(KernelTable); at += kSlot) {
    Kernel<FillForward> slot;
    std::memcpy(&slot, reinterpret_cast<const std::byte*>(&library) + at, kSlot);
    if (slot.run != nullptr) std::memcpy(reinterpret_cast<std::byte*>(merged) + at, &slot, kSlot);
  }
  return merged;
}

// The functions of libraries, which ntl_library_function fills in.
struct LibraryFunction {
  const char* name;
  void* place;
};
#define NTL_OF_OPENBLAS(result, name, ...) {#name, &openblas_library.name},
#define NTL_OF_CUDA(result, name, ...) {#name, &cuda_libraries.name},
const LibraryFunction kLibraryFunctions[] = {NTL_OPENBLAS_FUNCTIONS(NTL_OF_OPENBLAS) NTL_CUBLAS_FUNCTIONS(NTL_OF_CUDA)
                                                 NTL_CUDNN_FUNCTIONS(NTL_OF_CUDA)};

// Whether all functions whose names start so were given; else the reason names one that was not.
bool given(const std::string& prefix, std::string& reason) {
  for (const LibraryFunction& function : kLibraryFunctions) {
    void* address = nullptr;
    std::memcpy(&address, function.place, sizeof address);
    if (address == nullptr && std::string(function.name).starts_with(prefix)) {
      reason = std::string(function.name) + " was not given";
      return false;
    }
  }
  return true;
}

Context* open(const std::string& name, std::string& reason) {
  if (name == "cpu") {
    const KernelTable* table = choose(reason);
    return table == nullptr ? nullptr : new Context{table, new Arena, nullptr};
  }
  if (name == "openblas") {
    const KernelTable* table = choose(reason);
    if (table == nullptr) return nullptr;
    if (!given("cblas_", reason)) return nullptr;
    openblas_library.base = table;
    return new Context{merge(*table, table_openblas), new Arena, nullptr};
  }
  std::string kind;
  const std::int32_t index = index_of(name, kind);
  const bool cudnn = kind.starts_with("cudnn");  // "cudnn" is "cuda" with libraries, "cudnn-emulated" "cuda-emulated"
  Device* device = Device::open(cudnn ? "cuda" + kind.substr(5) : kind, index, reason);
  if (device == nullptr) return nullptr;
  const KernelTable* table = device->plugin().kernels;
  if (cudnn) {
    if (!given("cublas", reason) || !given("cudnn", reason)) return nullptr;
    cuda_libraries.base = table;
    table = merge(*table, table_cudnn);
  }
  return new Context{table, new DeviceMemory(device->plugin(), device->handle()), device};
}

// After a wait: what kernels have reported meanwhile.
ntl_status reported(const Context& context) {
  const std::string fault = context.device->take_fault();
  return fault.empty() ? NTL_OK : fail(NTL_BAD_ARGUMENT, fault);
}

}  // namespace
}  // namespace nautile

using namespace nautile;

const char* ntl_version(void) { return NTL_VERSION; }

ntl_status ntl_plugin_load(const char* kind, const char* path) {
  const std::string reason = load_plugin(kind, path);
  return reason.empty() ? NTL_OK : fail(NTL_UNSUPPORTED, reason);
}

int32_t ntl_device_count(const char* kind) {
  std::string reason;
  const std::int32_t count = count_devices(kind, reason);
  if (count < 0) fail(NTL_UNSUPPORTED, reason);
  return count;
}

const char* ntl_library_function_name(int32_t number) {
  const auto count = static_cast<std::int32_t>(std::size(kLibraryFunctions));
  return number >= 0 && number < count ? kLibraryFunctions[number].name : nullptr;
}

ntl_status ntl_library_function(const char* function, ntl_address address) {
  for (const LibraryFunction& known : kLibraryFunctions) {
    if (std::strcmp(function, known.name) == 0) {
      std::memcpy(known.place, &address, sizeof address);
      return NTL_OK;
    }
  }
  return fail(NTL_BAD_ARGUMENT, std::string("library_function: no use for ") + function);
}

ntl_context ntl_context_open(const char* device) {
  static std::mutex mutex;
  static auto* const contexts =
      new std::map<std::string, Context*>;  // never destroyed: tensors may outlive every static
  const std::lock_guard lock(mutex);
  Context*& context = (*contexts)[device];
  if (context == nullptr) {
    std::string reason;
    context = open(device, reason);
    if (context == nullptr) fail(NTL_UNSUPPORTED, reason);
  }
  return reinterpret_cast<ntl_context>(context);
}

const char* ntl_context_target(ntl_context context) { return from(context).kernels->target; }

const char* ntl_context_description(ntl_context context) {
  const Device* device = from(context).device;
  return device == nullptr ? "" : device->plugin().description(device->handle());
}

ntl_status ntl_synchronize(ntl_context context) {
  const Context& c = from(context);
  if (c.device == nullptr) return NTL_OK;
  const Reason failed = c.device->plugin().synchronize(c.device->handle());
  return failed == nullptr ? reported(c) : fail(NTL_DEVICE_ERROR, failed);
}

ntl_address ntl_allocate(ntl_context context, int64_t bytes) {
  if (bytes < 0) {
    fail(NTL_BAD_ARGUMENT, "allocate: " + std::to_string(bytes) + " bytes");
    return 0;
  }
  std::string reason;
  void* block = from(context).memory->allocate(bytes, reason);
  if (block == nullptr) fail(NTL_OUT_OF_MEMORY, reason);
  return reinterpret_cast<ntl_address>(block);
}

void ntl_release(ntl_context context, ntl_address address, int64_t bytes) {
  from(context).memory->release(at<void>(address), bytes);
}

void ntl_memory_limit(ntl_context context, int64_t bytes) { from(context).memory->limit(bytes); }

int64_t ntl_memory_used(ntl_context context) { return from(context).memory->used(); }

int64_t ntl_memory_peak(ntl_context context) { return from(context).memory->peak(); }

int64_t ntl_memory_reserved(ntl_context context) { return from(context).memory->reserved(); }

void ntl_memory_trim(ntl_context context) { from(context).memory->trim(); }

void ntl_memory_check(ntl_context context, int32_t on) { from(context).memory->check(on != 0); }

int64_t ntl_memory_damaged(ntl_context context) { return from(context).memory->damaged(); }

ntl_status ntl_copy_in(ntl_context context, ntl_address dst, const void* src, int64_t offset, int64_t bytes) {
  const Context& c = from(context);
  const auto* source = static_cast<const std::byte*>(src) + offset;
  if (c.device == nullptr) {
    std::memcpy(at<void>(dst), source, static_cast<size_t>(bytes));
    return NTL_OK;
  }
  const Reason failed = c.device->plugin().copy_in(c.device->handle(), at<void>(dst), source, bytes);
  return failed == nullptr ? NTL_OK : fail(NTL_DEVICE_ERROR, failed);
}

ntl_status ntl_copy_out(ntl_context context, void* dst, int64_t offset, ntl_address src, int64_t bytes) {
  const Context& c = from(context);
  auto* target = static_cast<std::byte*>(dst) + offset;
  if (c.device == nullptr) {
    std::memcpy(target, at<const void>(src), static_cast<size_t>(bytes));
    return NTL_OK;
  }
  const Reason failed = c.device->plugin().copy_out(c.device->handle(), target, at<const void>(src), bytes);
  return failed == nullptr ? reported(c) : fail(NTL_DEVICE_ERROR, failed);
}

ntl_status ntl_set_threads(int32_t threads) {
  if (threads < 1) return fail(NTL_BAD_ARGUMENT, "set_threads: " + std::to_string(threads) + ", at least 1 is needed");
  Pool::instance().resize(threads);
  return NTL_OK;
}

int32_t ntl_threads(void) { return static_cast<int32_t>(Pool::instance().threads()); }
