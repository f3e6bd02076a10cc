// Fibres: stacks that an OS thread changes between in a few nanoseconds.
#pragma once

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace emulated {

// Where an OS thread, or one of its fibres, can be continued.
class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  // Makes this the OS thread's own context; called before it switches to fibres.
  void adopt_thread();

  // Makes this a fibre that calls `entry`, which must not return, on a stack of its own. Called again, it forgets what
  // the fibre was doing.
  void make_fibre(void (*entry)());

  // Leaves this context, which is the running one, for `other`; returns when someone switches back.
  void switch_to(Context& other);

  // release(key), sanitizers.hpp, in the name of this fibre, which is not running.
  void release_for(void* key);

  // To be called first thing in a fibre's entry.
  static void entered();

 private:
#if defined(__x86_64__)
  void* stack_pointer_ = nullptr;
#else
  ucontext_t machine_;
#endif
  std::byte* mapping_ = nullptr;  // a fibre's guard page and stack
  const void* stack_ = nullptr;   // lowest address
  std::size_t stack_bytes_ = 0;
  void* fake_stack_ = nullptr;  // the address sanitizer's
  void* tsan_ = nullptr;        // the thread sanitizer's
};

}  // namespace emulated
