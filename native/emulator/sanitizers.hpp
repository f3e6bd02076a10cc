// What the sanitizers must be told about fibres and about memory that is used again. Nothing without a sanitizer.
//
// Under the thread sanitizer (NAUTILE_EMULATED_TSAN) the emulator itself is compiled without it, so that it sees only
// what kernels do; a CUDA thread is one of its fibres.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(NAUTILE_EMULATED_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace emulated {

#if defined(__SANITIZE_ADDRESS__)
inline void forbid(const void* from, std::size_t bytes) { __asan_poison_memory_region(from, bytes); }
inline void allow(const void* from, std::size_t bytes) { __asan_unpoison_memory_region(from, bytes); }
#else
inline void forbid(const void*, std::size_t) {}
inline void allow(const void*, std::size_t) {}
#endif

// What happened before release(key) happened before what follows acquire(key).
#if defined(NAUTILE_EMULATED_TSAN)
constexpr bool kThreadSanitizer = true;
inline void release(void* key) { __tsan_release(key); }
inline void acquire(void* key) { __tsan_acquire(key); }
#else
constexpr bool kThreadSanitizer = false;
inline void release(void*) {}
inline void acquire(void*) {}
#endif

}  // namespace emulated
