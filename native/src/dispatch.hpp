// From a call of the C ABI to the kernel of the context's target.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "arena.hpp"
#include "nautile/core.h"
#include "nautile/kernel_table.hpp"
#include "pool.hpp"

namespace nautile {

// What an ntl_context stands for.
struct Context {
  const KernelTable* kernels;
  Arena arena;
};

inline Context& from(ntl_context handle) { return *reinterpret_cast<Context*>(handle); }

// Data at an address of the C ABI.
template <typename T>
T* at(ntl_address address) {
  return reinterpret_cast<T*>(address);
}

// Keeps the reason for ntl_last_error and returns the status.
ntl_status fail(ntl_status status, const std::string& reason);

// BAD_ARGUMENT for an enumeration's value that does not exist.
ntl_status unknown(const char* function, const char* parameter, std::int64_t value);

// Remembers the target for ntl_last_target.
void ran_on(const char* target);

// Scratch memory for the time of one kernel.
class Workspace {
 public:
  Workspace(Arena& arena, std::int64_t bytes) : arena_(arena), bytes_(bytes > 0 ? (bytes + 63) / 64 * 64 : 0) {
    if (bytes_ > 0) data_ = static_cast<std::byte*>(arena.allocate(bytes_, reason_));
  }
  ~Workspace() { arena_.release(data_, bytes_); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  bool ok() const { return bytes_ == 0 || data_ != nullptr; }
  std::byte* data() const { return data_; }
  const std::string& reason() const { return reason_; }

 private:
  Arena& arena_;
  std::int64_t bytes_;
  std::byte* data_ = nullptr;
  std::string reason_;
};

// Most tasks take 5 us or more. Fewer than these stay with the caller: workers have gone to sleep between the ops of a small
// model, and on cores shared with others waking one takes longer than the work it is woken for.
constexpr std::int64_t kWorthATeam = 8;

// Runs one kernel in a parallel region of its own, as large as its number of tasks allows.
template <typename Args>
ntl_status run(ntl_context handle, Kernel<Args> KernelTable::* slot, const std::type_identity_t<Args>& args) {
  Context& context = from(handle);
  const Kernel<Args>& kernel = context.kernels->*slot;
  const std::int64_t tasks = kernel.tasks(args);
  Pool::Region region(Pool::instance(), tasks < kWorthATeam ? 1 : tasks);
  const Workspace workspace(context.arena, kernel.workspace(args, region.size()));
  if (!workspace.ok()) return fail(NTL_OUT_OF_MEMORY, workspace.reason());
  struct Call {
    const Kernel<Args>& kernel;
    const Args& args;
    std::byte* workspace;
  } call{kernel, args, workspace.data()};
  region.run(
      [](void* argument, const Team& team) {
        const Call& c = *static_cast<const Call*>(argument);
        c.kernel.run(c.args, c.workspace, team);
      },
      &call);
  ran_on(context.kernels->target);
  return NTL_OK;
}

}  // namespace nautile
