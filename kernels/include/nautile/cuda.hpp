// What every CUDA kernel includes: how to launch, shared memory, and one wrapper per special instruction. The same file
// serves nvcc and the emulator (native/emulator), so kernels never write <<<>>>, __shared__ or asm themselves.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "nautile/cuda_launch.hpp"

// Takes the parentheses off (name<1, 2>), and leaves name alone.
#define NTL_BARE(x) NTL_BARE_1(NTL_BARE_2 x)
#define NTL_BARE_1(...) NTL_BARE_3(__VA_ARGS__)
#define NTL_BARE_2(...) NTL_BARE_2 __VA_ARGS__
#define NTL_BARE_3(...) NTL_DROP_##__VA_ARGS__
#define NTL_DROP_NTL_BARE_2
#define NTL_TEXT(...) NTL_TEXT_1(__VA_ARGS__)
#define NTL_TEXT_1(...) #__VA_ARGS__

// NTL_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments...): notes the launch in last_launch and starts it; a
// grid with a zero extent starts nothing. A template goes in parentheses, with all its arguments:
//   NTL_LAUNCH((tiled<64, 64>), dim3(gx, gy), dim3(256), 0, stream, a, b);
// Errors: cudaGetLastError.
#define NTL_LAUNCH(kernel_, grid_, block_, shared_, stream_, ...)                                    \
  do {                                                                                               \
    const ::nautile::cuda::Launch ntl_launch{NTL_TEXT(NTL_BARE(kernel_)), dim3(grid_), dim3(block_), \
                                             static_cast<std::size_t>(shared_)};                     \
    ::nautile::cuda::last_launch = ntl_launch;                                                       \
    if (!ntl_launch.empty()) NTL_START(kernel_, ntl_launch, stream_ __VA_OPT__(, ) __VA_ARGS__);     \
  } while (false)

// NTL_SHARED(type, name, dimensions): a shared array, NTL_SHARED(float, tile, [32][33]).
// NTL_DYNAMIC_SHARED(type, name): a pointer to the bytes that the launch asked for.
#if defined(__CUDACC__)

#define NTL_START(kernel_, l_, stream_, ...) \
  NTL_BARE(kernel_)<<<l_.grid, l_.block, l_.shared_bytes, stream_>>>(__VA_ARGS__)
#define NTL_SHARED(type, name, ...) __shared__ __align__(16) type name __VA_ARGS__
#define NTL_DYNAMIC_SHARED(type, name)                                       \
  extern __shared__ __align__(16) unsigned char ntl_dynamic_shared_memory[]; \
  type* const name = reinterpret_cast<type*>(ntl_dynamic_shared_memory)

#else

#define NTL_START(kernel_, l_, stream_, ...)                                                         \
  ::emulated::launch({l_.grid, l_.block, l_.shared_bytes, stream_, l_.kernel, {__FILE__, __LINE__}}, \
                     kernel_ __VA_OPT__(, ) __VA_ARGS__)
#define NTL_SHARED(type, name, ...) \
  static char ntl_key_of_##name;    \
  auto& name = ::emulated::shared<type __VA_ARGS__>({__FILE__, __LINE__}, &ntl_key_of_##name)
#define NTL_DYNAMIC_SHARED(type, name) \
  type* const name = reinterpret_cast<type*>(::emulated::current.block->dynamic_shared)

#endif

namespace nautile::cuda {

// The instructions below exist from sm_80 on (ldmatrix from sm_75); an older device gets the same result by other means.
#if !defined(__CUDACC__)
#define NTL_PLACE , ::emulated::Place place = ::emulated::Place::here()
#else
#define NTL_PLACE
#endif

// cp.async: copies 16 (4) bytes from global to shared memory, both addresses aligned to as much, without waiting; where
// not `valid` it writes zeros and does not read. The bytes are there for the calling thread after a cp_async_wait that
// covers their group, for others after a barrier on top.
__device__ __forceinline__ void cp_async_16(void* shared, const void* global, bool valid = true NTL_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::issue_copy(shared, global, 16, valid, place);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(shared))),
      "l"(__cvta_generic_to_global(global)), "r"(valid ? 16 : 0)
      : "memory");
#else
  *static_cast<uint4*>(shared) = valid ? *static_cast<const uint4*>(global) : make_uint4(0, 0, 0, 0);
#endif
}
__device__ __forceinline__ void cp_async_4(void* shared, const void* global, bool valid = true NTL_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::issue_copy(shared, global, 4, valid, place);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "cp.async.ca.shared.global [%0], [%1], 4, %2;\n" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(shared))),
      "l"(__cvta_generic_to_global(global)), "r"(valid ? 4 : 0)
      : "memory");
#else
  *static_cast<unsigned*>(shared) = valid ? *static_cast<const unsigned*>(global) : 0;
#endif
}

// Closes the group of the copies issued since the last commit.
__device__ __forceinline__ void cp_async_commit() {
#if !defined(__CUDACC__)
  ::emulated::commit_copies();
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

// Waits until at most the N newest groups are under way.
template <int N>
__device__ __forceinline__ void cp_async_wait() {
#if !defined(__CUDACC__)
  ::emulated::wait_copies(N);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;\n" ::"n"(N) : "memory");
#endif
}

// The value, of which the compiler knows nothing more: what is computed from it stays where it is, instead of taking
// registers through the loop before.
__device__ __forceinline__ int renewed(int value) {
#if defined(__CUDA_ARCH__)
  asm volatile("" : "+r"(value));
#endif
  return value;
}

// 2^x from the special function unit, within 2 ulp; 0 below 2^-126.
__device__ __forceinline__ float exp2_flushed(float x) {
#if defined(__CUDACC__)
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;\n" : "=f"(y) : "f"(x));
  return y;
#else
  return x < -126.0F ? 0.0F : exp2f(x);
#endif
}

// Two floats as bf16, to nearest even: `low` in the low half, as the operands of mma want the smaller index. NaN stays
// NaN.
__device__ __forceinline__ std::uint32_t pack_bf16(float low, float high) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  std::uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;\n" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  const auto narrow = [](float x) -> std::uint32_t {
    if (x != x) return 0x7fff;
    const std::uint32_t bits = __float_as_uint(x);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  };
  return narrow(low) | narrow(high) << 16;
#endif
}

// A float rounded to TF32, to nearest, ties away from zero.
__device__ __forceinline__ std::uint32_t round_tf32(float x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  std::uint32_t rounded;
  asm("cvt.rna.tf32.f32 %0, %1;\n" : "=r"(rounded) : "f"(x));
  return rounded;
#else
  const std::uint32_t bits = __float_as_uint(x);
  return (bits & 0x7f800000) == 0x7f800000 ? bits : (bits + 0x1000) & 0xffffe000;
#endif
}

// The products of mma by shuffles and multiply-adds, for devices without the instruction; also what the emulator's twins
// are tested against.
__device__ __forceinline__ void mma_m16n8k16_bf16_by_shuffles(float d[4], const std::uint32_t a[4],
                                                              const std::uint32_t b[2], const float c[4]) {
  const int lane = static_cast<int>(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % 32;
  const int row = lane / 4;
  const int column = lane % 4 * 2;
  float sum[4] = {c[0], c[1], c[2], c[3]};
  for (int half = 0; half < 2; ++half) {
    for (int quad = 0; quad < 4; ++quad) {
      const std::uint32_t upper = __shfl_sync(0xffffffffu, a[2 * half], row * 4 + quad);
      const std::uint32_t lower = __shfl_sync(0xffffffffu, a[2 * half + 1], row * 4 + quad);
      for (int j = 0; j < 2; ++j) {
        const std::uint32_t right = __shfl_sync(0xffffffffu, b[half], (column + j) * 4 + quad);
        sum[j] += __uint_as_float(upper << 16) * __uint_as_float(right << 16);
        sum[j] += __uint_as_float(upper & 0xffff0000) * __uint_as_float(right & 0xffff0000);
        sum[2 + j] += __uint_as_float(lower << 16) * __uint_as_float(right << 16);
        sum[2 + j] += __uint_as_float(lower & 0xffff0000) * __uint_as_float(right & 0xffff0000);
      }
    }
  }
  for (int i = 0; i < 4; ++i) d[i] = sum[i];
}
__device__ __forceinline__ void mma_m16n8k8_tf32_by_shuffles(float d[4], const std::uint32_t a[4],
                                                             const std::uint32_t b[2], const float c[4]) {
  const int lane = static_cast<int>(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % 32;
  const int row = lane / 4;
  const int column = lane % 4 * 2;
  float sum[4] = {c[0], c[1], c[2], c[3]};
  for (int half = 0; half < 2; ++half) {
    for (int quad = 0; quad < 4; ++quad) {
      const float upper = __uint_as_float(__shfl_sync(0xffffffffu, a[2 * half], row * 4 + quad) & 0xffffe000);
      const float lower = __uint_as_float(__shfl_sync(0xffffffffu, a[2 * half + 1], row * 4 + quad) & 0xffffe000);
      for (int j = 0; j < 2; ++j) {
        const float right = __uint_as_float(__shfl_sync(0xffffffffu, b[half], (column + j) * 4 + quad) & 0xffffe000);
        sum[j] += upper * right;
        sum[2 + j] += lower * right;
      }
    }
  }
  for (int i = 0; i < 4; ++i) d[i] = sum[i];
}

// One warp's D = A * B + C, A 16 x 16 and B 16 x 8 in bf16, C and D 16 x 8 in float. With g = lane / 4, t = lane % 4:
//   a[0] = A[g][2t, 2t+1], a[1] = A[g+8][2t, 2t+1], a[2] = A[g][2t+8, 2t+9], a[3] = A[g+8][2t+8, 2t+9]
//   b[0] = B[2t, 2t+1][g], b[1] = B[2t+8, 2t+9][g]
//   c, d[0] = [g][2t], [1] = [g][2t+1], [2] = [g+8][2t], [3] = [g+8][2t+1]
// All 32 lanes must call it; d may be c.
__device__ __forceinline__ void mma_m16n8k16_bf16(float d[4], const std::uint32_t a[4], const std::uint32_t b[2],
                                                  const float c[4] NTL_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::multiply(d, a, b, c, &::emulated::combine_bf16, place);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%10, %11, %12, %13};\n"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
#else
  mma_m16n8k16_bf16_by_shuffles(d, a, b, c);
#endif
}

// The same with A 16 x 8 and B 8 x 8 in TF32 (floats whose 13 low bits are ignored; round_tf32 makes them):
//   a[0] = A[g][t], a[1] = A[g+8][t], a[2] = A[g][t+4], a[3] = A[g+8][t+4];  b[0] = B[t][g], b[1] = B[t+4][g]
__device__ __forceinline__ void mma_m16n8k8_tf32(float d[4], const std::uint32_t a[4], const std::uint32_t b[2],
                                                 const float c[4] NTL_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::multiply(d, a, b, c, &::emulated::combine_tf32, place);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%10, %11, %12, %13};\n"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
#else
  mma_m16n8k8_tf32_by_shuffles(d, a, b, c);
#endif
}

// ldmatrix: loads four 8 x 8 matrices of 16-bit elements from shared memory as mma's operands. Lane 8i + r passes the
// address of row r of matrix i (16 bytes, aligned to as much); register i of lane l is matrix i's row l / 4, columns
// 2 (l % 4) and on; transposed: rows 2 (l % 4) and on, column l / 4. All 32 lanes must call it.
__device__ __forceinline__ void ldmatrix_x4(std::uint32_t registers[4], const void* shared_row NTL_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::load_matrices<4, false>(registers, shared_row, place);
#else
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(shared_row)))
               : "memory");
#endif
}
__device__ __forceinline__ void ldmatrix_x4_transposed(std::uint32_t registers[4], const void* shared_row NTL_PLACE) {
#if !defined(__CUDACC__)
  ::emulated::load_matrices<4, true>(registers, shared_row, place);
#else
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(shared_row)))
               : "memory");
#endif
}
#undef NTL_PLACE

}  // namespace nautile::cuda
