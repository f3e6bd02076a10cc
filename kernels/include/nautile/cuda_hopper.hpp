// The instructions of Hopper (sm_90a) that the emulator does not have: copies of tiles by the TMA, barriers in shared
// memory that count bytes, products of a warp group. Only nvcc compiles this file; kernels that use it have a sibling for
// everything else. On other GPUs all of it traps.
//
// Layouts and encodings: PTX ISA 9.0, "Asynchronous Warpgroup Level Matrix Multiply-Accumulate Instructions" and "Tensors".
#pragma once

#if defined(__CUDACC__)

#include <cuda.h>  // types only; the one function that is called is looked up at run time

#include "nautile/cuda.hpp"

namespace nautile::cuda {

__device__ __forceinline__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// ------------------------------------------------------------------------------------------------ barriers
//
// A barrier's phase ends when `arrivals` threads have arrived and all bytes that were announced are there.

__device__ __forceinline__ void barrier_start(std::uint64_t* barrier, unsigned arrivals) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;\n" ::"r"(shared_address(barrier)), "r"(arrivals) : "memory");
#endif
}

// Makes started barriers known to the TMA; before a __syncthreads.
__device__ __forceinline__ void barriers_started() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.mbarrier_init.release.cluster;\nfence.proxy.async.shared::cta;\n" ::: "memory");
#endif
}

__device__ __forceinline__ void barrier_arrive(std::uint64_t* barrier) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];\n" ::"r"(shared_address(barrier)) : "memory");
#endif
}

// Arrives, and announces bytes that copies will bring.
__device__ __forceinline__ void barrier_expect(std::uint64_t* barrier, unsigned bytes) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;\n" ::"r"(shared_address(barrier)), "r"(bytes)
               : "memory");
#endif
}

// Waits for the end of the phase of this parity: 0 for the first, 1 for the second, and so on. The phase before the first
// has ended. A mistake in a kernel becomes an error of its launch, not a GPU that hangs: a minute is no wait. Of products that
// are not finite, results are added up one by one meanwhile (exact_sum), which may take a second.
__device__ __forceinline__ void barrier_wait(std::uint64_t* barrier, unsigned parity) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  constexpr int kPolls = 30000000;
  constexpr unsigned kNanoseconds = 2000;  // that a poll may last
  for (int poll = 0;; ++poll) {
    unsigned ended;
    asm volatile(
        "{\n.reg .pred p;\n"
        "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2, %3;\n"
        "selp.u32 %0, 1, 0, p;\n}\n"
        : "=r"(ended)
        : "r"(shared_address(barrier)), "r"(parity), "r"(kNanoseconds)
        : "memory");
    if (ended != 0) return;
    if (poll == kPolls) __trap();
  }
#else
  __trap();
#endif
}

// ------------------------------------------------------------------------------------------------ copies of tiles

// Copies the box of the map that begins at these elements to shared memory; elements outside the tensor are zeros. All
// bytes of the box, those too, count at the barrier. One thread calls it.
__device__ __forceinline__ void copy_box(void* to, const CUtensorMap& map, std::uint64_t* barrier, int x, int y,
                                         int z) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], "
      "[%2];\n" ::"r"(shared_address(to)),
      "l"(&map), "r"(shared_address(barrier)), "r"(x), "r"(y), "r"(z)
      : "memory");
#endif
}

// The same of five dimensions.
struct BoxPlace {
  int at[5];  // innermost first
};
__device__ __forceinline__ void copy_box(void* to, const CUtensorMap& map, std::uint64_t* barrier, const BoxPlace& p) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile(
      "cp.async.bulk.tensor.5d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], "
      "[%1, {%3, %4, %5, %6, %7}], [%2];\n" ::"r"(shared_address(to)),
      "l"(&map), "r"(shared_address(barrier)), "r"(p.at[0]), "r"(p.at[1]), "r"(p.at[2]), "r"(p.at[3]), "r"(p.at[4])
      : "memory");
#endif
}

__device__ __forceinline__ void prefetch_map(const CUtensorMap& map) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("prefetch.tensormap [%0];\n" ::"l"(&map) : "memory");
#endif
}

// cuTensorMapEncodeTiled; null where the driver does not have it. Looked up so that nothing links to libcuda, which
// machines without a GPU do not have.
using EncodeTensorMap = CUresult (*)(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                                     const cuuint64_t*, const cuuint32_t*, const cuuint32_t*, CUtensorMapInterleave,
                                     CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill);
inline EncodeTensorMap encode_tensor_map() {
  static const EncodeTensorMap function = [] {
    void* found = nullptr;
    cudaDriverEntryPointQueryResult result = cudaDriverEntryPointSymbolNotFound;
    constexpr unsigned kVersion = 12000;
    const cudaError_t error =
        cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, kVersion, cudaEnableDefault, &result);
    return error == cudaSuccess && result == cudaDriverEntryPointSuccess ? reinterpret_cast<EncodeTensorMap>(found)
                                                                         : nullptr;
  }();
  return function;
}

// ------------------------------------------------------------------------------------------------ warp groups

// Moves registers between the warp groups of a block; all threads of one call it. Multiples of 8, from 24 to 256.
template <int kRegisters>
__device__ __forceinline__ void fewer_registers() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;\n" ::"n"(kRegisters));
#endif
}
template <int kRegisters>
__device__ __forceinline__ void more_registers() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;\n" ::"n"(kRegisters));
#endif
}

// How the rows of an operand lie in shared memory: kRow bytes each (128 or 64), one after the other, and in every eight
// rows the 16-byte pieces of a row in another order: piece c of row r at c ^ (r % 8) for 128, at c ^ (r / 2 % 4) for 64. So
// the TMA writes them with the swizzle of the row's length, to an address aligned to eight rows.
//
// A descriptor: address / 16 in bits 0..13, the distance of eight rows / 16 in bits 32..45, the swizzle in 62..63 (1: 128
// bytes, 2: 64). Bits 16..29 hold a distance that these layouts do not use. Further along k: descriptor + bytes / 16.
template <int kRow>
__device__ __forceinline__ std::uint64_t operand_descriptor(const void* shared) {
  static_assert(kRow == 128 || kRow == 64);
  constexpr std::uint64_t kEightRows = 8 * kRow / 16;
  constexpr std::uint64_t kSwizzle = kRow == 128 ? 1 : 2;
  return std::uint64_t{(shared_address(shared) & 0x3ffff) >> 4} | std::uint64_t{1} << 16 | kEightRows << 32 |
         kSwizzle << 62;
}

// Before the first product that uses registers which other instructions have written.
__device__ __forceinline__ void wgmma_begin() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory");
#endif
}
// Closes the group of the products issued since the last commit.
__device__ __forceinline__ void wgmma_commit() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory");
#endif
}
// Waits until at most the kGroups newest groups are under way.
template <int kGroups>
__device__ __forceinline__ void wgmma_wait() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned %0;\n" ::"n"(kGroups) : "memory");
#endif
}
// The compiler may not move what reads or writes these registers across.
template <int kCount>
__device__ __forceinline__ void hold(float (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

enum class Operands : int { bf16, tf32 };

// A warp group's D = A * B, or D += A * B where `add`: A 64 rows, B kColumns rows of 32 bytes along k each (16 bf16 or 8
// TF32), by descriptor; D in floats. Thread t of the group, with warp w = t / 32, g = t % 32 / 4, q = t % 4, holds for each
// eight columns j: d[4j] = D[16w + g][8j + 2q], d[4j + 1] one column on, d[4j + 2] and d[4j + 3] eight rows below.
#define NTL_SUMS_4(d, i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define NTL_SUMS_16(d, i) NTL_SUMS_4(d, i), NTL_SUMS_4(d, (i) + 4), NTL_SUMS_4(d, (i) + 8), NTL_SUMS_4(d, (i) + 12)
#define NTL_SUMS_32(d) NTL_SUMS_16(d, 0), NTL_SUMS_16(d, 16)
#define NTL_SUMS_64(d) NTL_SUMS_16(d, 0), NTL_SUMS_16(d, 16), NTL_SUMS_16(d, 32), NTL_SUMS_16(d, 48)
#define NTL_SUMS_128(d) NTL_SUMS_64(d), NTL_SUMS_16(d, 64), NTL_SUMS_16(d, 80), NTL_SUMS_16(d, 96), NTL_SUMS_16(d, 112)
#define NTL_TEXT_OF_32                                     \
  "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15," \
  "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define NTL_TEXT_OF_64                                                \
  NTL_TEXT_OF_32                                                      \
  ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47," \
  "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define NTL_TEXT_OF_128                                                          \
  NTL_TEXT_OF_64                                                                 \
  ",%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,"            \
  "%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95,"             \
  "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111," \
  "%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"
// `count` sums, then a and, as operands of these numbers, b and add. `orders`: of 16-bit operands, that both lie along k.
#define NTL_WGMMA(kind, orders, count, b_at, add_at)                                                  \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" add_at ", 0;\nwgmma.mma_async.sync.aligned." kind \
               " {" NTL_TEXT_OF_##count "}, %" #count ", %" b_at ", p, 1, 1" orders ";\n}\n"          \
               : NTL_SUMS_##count(d)                                                                  \
               : "l"(a), "l"(b), "r"(static_cast<int>(add)))
template <Operands kOperands, int kColumns>
__device__ __forceinline__ void wgmma(float (&d)[kColumns / 2], std::uint64_t a, std::uint64_t b, bool add) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  static_assert(kColumns == 64 || kColumns == 128 || kColumns == 256);
  if constexpr (kOperands == Operands::bf16) {
    if constexpr (kColumns == 64) NTL_WGMMA("m64n64k16.f32.bf16.bf16", ", 0, 0", 32, "33", "34");
    if constexpr (kColumns == 128) NTL_WGMMA("m64n128k16.f32.bf16.bf16", ", 0, 0", 64, "65", "66");
    if constexpr (kColumns == 256) NTL_WGMMA("m64n256k16.f32.bf16.bf16", ", 0, 0", 128, "129", "130");
  } else {
    if constexpr (kColumns == 64) NTL_WGMMA("m64n64k8.f32.tf32.tf32", "", 32, "33", "34");
    if constexpr (kColumns == 128) NTL_WGMMA("m64n128k8.f32.tf32.tf32", "", 64, "65", "66");
    if constexpr (kColumns == 256) NTL_WGMMA("m64n256k8.f32.tf32.tf32", "", 128, "129", "130");
  }
#else
  __trap();
#endif
}
#undef NTL_SUMS_4
#undef NTL_SUMS_16
#undef NTL_SUMS_32
#undef NTL_SUMS_64
#undef NTL_SUMS_128
#undef NTL_TEXT_OF_32
#undef NTL_TEXT_OF_64
#undef NTL_TEXT_OF_128
#undef NTL_WGMMA

}  // namespace nautile::cuda

#endif
