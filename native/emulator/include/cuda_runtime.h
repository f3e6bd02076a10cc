// CUDA on the CPU: what kernels and host code include where nvcc would give them NVIDIA's file of this name.
// README.md in native/emulator says what it does and what it finds.
#pragma once

#if defined(__CUDACC__)
#error "this is the emulator's cuda_runtime.h: take its folder off nvcc's include path"
#endif

#define NAUTILE_EMULATED_CUDA 1

#include "emulated/vectors.h"
#include "emulated/runtime_api.h"
#include "emulated/thread.h"
#include "emulated/launch.h"
#include "emulated/warp.h"
#include "emulated/atomics.h"
#include "emulated/math.h"
#include "emulated/instructions.h"
#include "emulated/control.h"
