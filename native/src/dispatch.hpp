// From a call of the C ABI to the kernel of the context's target.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "device.hpp"
#include "memory.hpp"
#include "nautile/core.h"
#include "nautile/kernel_table.hpp"
#include "pool.hpp"

namespace nautile {

// What an ntl_context stands for.
struct Context {
  const KernelTable* kernels;
  Memory* memory;
  Device* device;  // null: the processor
};

inline Context& from(ntl_context handle) { return *reinterpret_cast<Context*>(handle); }

// Data at an address of the C ABI.
template <typename T>
T* at(ntl_address address) {
  return reinterpret_cast<T*>(address);
}

// Keeps the reason for ntl_last_error and returns the status.
ntl_status fail(ntl_status status, const std::string& reason);

// DEVICE_ERROR if a library reported one to a kernel that this thread ran.
ntl_status outcome_of_libraries();

// BAD_ARGUMENT for an enumeration's value that does not exist.
ntl_status unknown(const char* function, const char* parameter, std::int64_t value);

// What can be done with the kernels that take one type of arguments; `kernel` is a Kernel<Args>, `args` an Args.
struct Signature {
  const char* name;
  std::size_t bytes;  // of the arguments
  void (*run)(const void* kernel, const void* args, std::byte* workspace, const Team& team);
  std::int64_t (*tasks)(const void* kernel, const void* args);
  std::int64_t (*workspace)(const void* kernel, const void* args, std::int64_t team_size);
  bool (*fuses)(const void* kernel, const void* args);
  Algorithms (*algorithms)(const void* kernel, const void* args);
  double (*flops)(const void* args);
  Weights (*weights)(const void* args);
  std::int64_t (*prepack)(const void* kernel, const void* args, std::byte* packed);
  void (*set_packed)(void* args, const float* packed);  // of arguments that have weights
  void (*clear_padding)(void* args);                    // bytes of no member
};

template <typename Args>
inline constexpr Signature signature = {
    kernel_name<Args>,
    sizeof(Args),
    [](const void* kernel, const void* args, std::byte* workspace, const Team& team) {
      static_cast<const Kernel<Args>*>(kernel)->run(*static_cast<const Args*>(args), workspace, team);
    },
    [](const void* kernel, const void* args) {
      return static_cast<const Kernel<Args>*>(kernel)->tasks(*static_cast<const Args*>(args));
    },
    [](const void* kernel, const void* args, std::int64_t team_size) {
      return static_cast<const Kernel<Args>*>(kernel)->workspace(*static_cast<const Args*>(args), team_size);
    },
    [](const void* kernel, const void* args) {
      return static_cast<const Kernel<Args>*>(kernel)->fuses(*static_cast<const Args*>(args));
    },
    [](const void* kernel, const void* args) {
      return static_cast<const Kernel<Args>*>(kernel)->algorithms(*static_cast<const Args*>(args));
    },
    [](const void* args) { return flops(*static_cast<const Args*>(args)); },
    [](const void* args) { return weights(*static_cast<const Args*>(args)); },
    [](const void* kernel, const void* args, std::byte* packed) {
      return static_cast<const Kernel<Args>*>(kernel)->prepack(*static_cast<const Args*>(args), packed);
    },
    []([[maybe_unused]] void* args, [[maybe_unused]] const float* packed) {
      if constexpr (requires(Args& a) { a.packed; }) static_cast<Args*>(args)->packed = packed;
    },
    [](void* args) { __builtin_clear_padding(static_cast<Args*>(args)); }};

// A kernel and its arguments, of any op.
struct Call {
  const Signature* signature;
  const void* kernel;
  const void* args;

  void run(std::byte* workspace, const Team& team) const { signature->run(kernel, args, workspace, team); }
  std::int64_t tasks() const { return signature->tasks(kernel, args); }
  std::int64_t workspace(std::int64_t team_size) const { return signature->workspace(kernel, args, team_size); }
};

// Runs it: on the processor in a parallel region of its own, on a device by launching it. A plan that this thread is
// recording for the context keeps it, too.
ntl_status execute(Context& context, const Call& call);

template <typename Args>
ntl_status run(ntl_context handle, Kernel<Args> KernelTable::* slot, const std::type_identity_t<Args>& args) {
  static_assert(std::is_trivially_copyable_v<Args>);  // a plan copies it
  Context& context = from(handle);
  return execute(context, {&signature<Args>, &(context.kernels->*slot), &args});
}

// Scratch memory for the time of one kernel.
class Workspace {
 public:
  Workspace(Memory& memory, std::int64_t bytes) : memory_(memory), bytes_(bytes > 0 ? round_up(bytes, 64) : 0) {
    if (bytes_ > 0) data_ = static_cast<std::byte*>(memory.allocate(bytes_, reason_));
  }
  ~Workspace() { memory_.release(data_, bytes_); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  bool ok() const { return bytes_ == 0 || data_ != nullptr; }
  std::byte* data() const { return data_; }
  const std::string& reason() const { return reason_; }

 private:
  Memory& memory_;
  std::int64_t bytes_;
  std::byte* data_ = nullptr;
  std::string reason_;
};

}  // namespace nautile
