#include "fibre.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <new>

#include "sanitizers.hpp"

namespace emulated {
namespace {

// CUDA's local memory is larger, but a kernel that needs this much of it is slow.
#if defined(__SANITIZE_ADDRESS__) || defined(NAUTILE_EMULATED_TSAN)
constexpr std::size_t kStack = std::size_t{256} << 10;
#else
constexpr std::size_t kStack = std::size_t{64} << 10;
#endif

// Bytes to leave free at a stack's top, a multiple of 16 that differs from stack to stack: what all fibres use most must
// not fall on the same lines of the cache.
[[maybe_unused]] std::size_t colour() {
  static std::atomic<std::size_t> count{0};
  return count.fetch_add(1, std::memory_order_relaxed) % 15 * 256;
}

#if defined(__SANITIZE_ADDRESS__)
struct Range {
  const void* from = nullptr;
  std::size_t bytes = 0;
};
// The calling OS thread's own stack.
Range own_stack() {
  thread_local Range range;
  if (range.bytes == 0) {
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    void* from = nullptr;
    pthread_attr_getstack(&attributes, &from, &range.bytes);
    range.from = from;
    pthread_attr_destroy(&attributes);
  }
  return range;
}
#endif

}  // namespace

#if defined(__x86_64__)
// Saves what a function must preserve, changes the stack, and restores.
extern "C" void nautile_emulated_switch(void** save, void* load);
asm(R"(
.text
.p2align 4
.globl nautile_emulated_switch
.hidden nautile_emulated_switch
.type nautile_emulated_switch, @function
nautile_emulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size nautile_emulated_switch, . - nautile_emulated_switch
)");
#endif

Context::~Context() {
  if (mapping_ == nullptr) return;
#if defined(NAUTILE_EMULATED_TSAN)
  __tsan_destroy_fiber(tsan_);
#endif
  allow(stack_, stack_bytes_);
  munmap(mapping_, static_cast<std::size_t>(static_cast<const std::byte*>(stack_) - mapping_) + stack_bytes_);
}

void Context::adopt_thread() {
#if defined(__SANITIZE_ADDRESS__)
  stack_ = own_stack().from;
  stack_bytes_ = own_stack().bytes;
#endif
#if defined(NAUTILE_EMULATED_TSAN)
  tsan_ = __tsan_get_current_fiber();
#endif
}

void Context::make_fibre(void (*entry)()) {
  if (mapping_ == nullptr) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* memory =
        mmap(nullptr, page + kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    mapping_ = static_cast<std::byte*>(memory);
    mprotect(mapping_, page, PROT_NONE);
    stack_ = mapping_ + page;
    stack_bytes_ = kStack;
  } else {
    allow(stack_, stack_bytes_);
#if defined(NAUTILE_EMULATED_TSAN)
    __tsan_destroy_fiber(tsan_);
#endif
  }
#if defined(NAUTILE_EMULATED_TSAN)
  tsan_ = __tsan_create_fiber(0);
#endif
#if defined(__x86_64__)
  // As if nautile_emulated_switch had been called by `entry`'s caller: six registers, the address to return to, and a
  // return address of 0 for `entry` itself, which starts with its stack at 8 modulo 16.
  const auto end = reinterpret_cast<std::uintptr_t>(stack_) + kStack - colour();
  auto* top = reinterpret_cast<std::uintptr_t*>(end) - 8;
  for (int i = 0; i < 6; ++i) top[i] = 0;
  top[6] = reinterpret_cast<std::uintptr_t>(entry);
  top[7] = 0;
  stack_pointer_ = top;
#else
  getcontext(&machine_);
  machine_.uc_stack.ss_sp = const_cast<void*>(stack_);
  machine_.uc_stack.ss_size = stack_bytes_;
  machine_.uc_link = nullptr;
  makecontext(&machine_, entry, 0);
#endif
}

__attribute__((noinline)) void Context::switch_to(Context& other) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&fake_stack_, other.stack_, other.stack_bytes_);
#endif
#if defined(NAUTILE_EMULATED_TSAN)
  __tsan_switch_to_fiber(other.tsan_, __tsan_switch_to_fiber_no_sync);
#endif
#if defined(__x86_64__)
  nautile_emulated_switch(&stack_pointer_, other.stack_pointer_);
#else
  swapcontext(&machine_, &other.machine_);
#endif
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack_, nullptr, nullptr);
#endif
}

void Context::release_for([[maybe_unused]] void* key) {
#if defined(NAUTILE_EMULATED_TSAN)
  void* const running = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_, __tsan_switch_to_fiber_no_sync);
  release(key);
  __tsan_switch_to_fiber(running, __tsan_switch_to_fiber_no_sync);
#endif
}

void Context::entered() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

}  // namespace emulated
