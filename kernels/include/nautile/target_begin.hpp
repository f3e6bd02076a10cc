// Everything after this line is compiled for NTL_TARGET (cpu_baseline, cpu_avx2 or cpu_avx512). Include every other
// header before it: an inline function of the standard library compiled for AVX2 could otherwise be the copy that the
// linker keeps for everyone. The instruction set is a pragma and not a compiler flag for the same reason.
#define NTL_TARGET_cpu_baseline 0
#define NTL_TARGET_cpu_avx2 1
#define NTL_TARGET_cpu_avx512 2
#define NTL_CAT_(a, b) a##b
#define NTL_CAT(a, b) NTL_CAT_(a, b)
#define NTL_ISA NTL_CAT(NTL_TARGET_, NTL_TARGET)
#if NTL_ISA == 1
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#elif NTL_ISA == 2
#pragma GCC push_options
// bf16 and AMX: for the intrinsics alone, behind checks (gemm_pairs.hpp, gemm_tiles.hpp). GCC uses them in no other code.
#pragma GCC target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,amx-tile,amx-bf16")
#endif
