// Whether a process may use AMX, the tiles of Intel's processors.
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#endif

namespace nautile {

// Linux lets a process use tiles only after it has asked for them, since a thread's state grows by 8 KiB (arch/x86.rst of its
// documentation, "Using XSTATE features in user space applications"). NAUTILE_FORCE names an instruction set without tiles.
inline bool has_amx() {
#if defined(__x86_64__) && defined(__linux__)
  static const bool has = [] {
    constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM of asm/prctl.h
    constexpr long kTileData = 18;
    const char* force = std::getenv("NAUTILE_FORCE");
    if (force != nullptr && *force != '\0') return false;
    __builtin_cpu_init();
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
           syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  }();
  return has;
#else
  return false;
#endif
}

}  // namespace nautile
