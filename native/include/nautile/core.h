/*
 * Nautile's C ABI: contexts, memory, threads, errors. Ops are in op/<op>.h.
 *
 * Plain C, no exceptions, no printing, no abort. Data addresses, extents and strides are 64-bit integers, strides count
 * elements. The caller owns shapes and lifetimes and has checked them; a function says in its comment what it checks
 * again. Every function may be called from any thread.
 */
#ifndef NAUTILE_CORE_H
#define NAUTILE_CORE_H

#include <stdint.h>

#if defined(__GNUC__)
#define NTL_API __attribute__((visibility("default")))
#else
#define NTL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t ntl_status;
enum { NTL_OK = 0, NTL_BAD_ARGUMENT = 1, NTL_OUT_OF_MEMORY = 2, NTL_UNSUPPORTED = 3, NTL_DEVICE_ERROR = 4 };

/** An address in the memory of a context's device. 0 is null. */
typedef int64_t ntl_address;

/** A device in use: its kernels and its memory. 0 is null. */
typedef int64_t ntl_context;

/** What becomes of the losses that an op computes: they are the result, or their mean or sum is. */
enum { NTL_REDUCTION_NONE = 0, NTL_REDUCTION_MEAN = 1, NTL_REDUCTION_SUM = 2 };

/** The version of this library, for example "0.1.0". */
NTL_API const char* ntl_version(void);

/** Why the last call of this thread failed; "" if none has. Valid until the thread's next failing call. */
NTL_API const char* ntl_last_error(void);

/**
 * Loads the library that holds the kernels and the memory of a kind of device ("cuda", "cuda-emulated"), once.
 *
 * @param path  the library's file
 * @return NTL_UNSUPPORTED if it cannot be loaded or is not of this build
 */
NTL_API ntl_status ntl_plugin_load(const char* kind, const char* path);

/** The number of devices of a kind that a plugin brought; -1 if they cannot be used (ntl_last_error says why). */
NTL_API int32_t ntl_device_count(const char* kind);

/**
 * The functions of other libraries that the engine calls, by number from 0; null beyond the last. The device "openblas" needs
 * all that start with "cblas_", "cudnn" all that start with "cublas" or "cudnn".
 */
NTL_API const char* ntl_library_function_name(int32_t number);

/**
 * Gives the engine a function of a library that the caller has loaded.
 *
 * @return NTL_BAD_ARGUMENT for one that it does not call
 */
NTL_API ntl_status ntl_library_function(const char* function, ntl_address address);

/**
 * Opens a device: "cpu", or one that a plugin brought ("cuda", "cuda:1"; without a number the first), or "openblas" and
 * "cudnn": these two with a library's kernels where it has some. Opening it again returns the same context; contexts live
 * as long as the process.
 *
 * The environment variable NAUTILE_FORCE (cpu_baseline, cpu_avx2, cpu_avx512) narrows the choice of instruction set.
 *
 * @return 0 if there is no such device or NAUTILE_FORCE names a set this machine lacks (ntl_last_error says which).
 */
NTL_API ntl_context ntl_context_open(const char* device);

/** The kernels that the context runs, for example "cpu_avx512". */
NTL_API const char* ntl_context_target(ntl_context context);

/** The device in words, for example "NVIDIA H200, 132 multiprocessors, 139 GiB"; "" for the processor. */
NTL_API const char* ntl_context_description(ntl_context context);

/**
 * Returns when everything that was run in the context is done; on the processor, at once.
 *
 * @return NTL_BAD_ARGUMENT if a kernel found an index out of range since the last wait, NTL_DEVICE_ERROR if one failed
 */
NTL_API ntl_status ntl_synchronize(ntl_context context);

/** The target of the kernel that this thread ran last, for example "cpu_avx2"; "" before the first. */
NTL_API const char* ntl_last_target(void);

/**
 * Uninitialised memory, 64-byte aligned, from a caching arena: freed blocks are kept for the next request of the size.
 *
 * @param bytes >= 0
 * @return 0 if the limit or the system refuses (ntl_last_error says how much was asked, used and allowed).
 */
NTL_API ntl_address ntl_allocate(ntl_context context, int64_t bytes);

/** Gives back what ntl_allocate returned, with the same size. Null is ignored. */
NTL_API void ntl_release(ntl_context context, ntl_address address, int64_t bytes);

/** Sets the most bytes ntl_allocate may have handed out at once; 0 means no limit. */
NTL_API void ntl_memory_limit(ntl_context context, int64_t bytes);

/** Bytes handed out now. */
NTL_API int64_t ntl_memory_used(ntl_context context);

/** The most bytes handed out at once since the start. */
NTL_API int64_t ntl_memory_peak(ntl_context context);

/** Bytes taken from the system, handed out or kept for reuse. */
NTL_API int64_t ntl_memory_reserved(ntl_context context);

/** Returns to the system what is kept for reuse in blocks above 16 MiB. */
NTL_API void ntl_memory_trim(ntl_context context);

/**
 * For tests: from now on every block is filled with the signalling pattern 0x7FC0DEAD (a NaN) when it is handed out,
 * and has guard bytes on both sides that ntl_release checks.
 */
NTL_API void ntl_memory_check(ntl_context context, int32_t on);

/** The number of blocks released with damaged guard bytes since the start; see ntl_memory_check. */
NTL_API int64_t ntl_memory_damaged(ntl_context context);

/** Copies host memory at src + offset to the device. */
NTL_API ntl_status ntl_copy_in(ntl_context context, ntl_address dst, const void* src, int64_t offset, int64_t bytes);

/** Copies device memory to host memory at dst + offset, after what was run before. Errors as ntl_synchronize. */
NTL_API ntl_status ntl_copy_out(ntl_context context, void* dst, int64_t offset, ntl_address src, int64_t bytes);

/** Sets the size of the process-wide thread pool, the caller included. @param threads >= 1 */
NTL_API ntl_status ntl_set_threads(int32_t threads);

/** The size of the process-wide thread pool, the caller included. */
NTL_API int32_t ntl_threads(void);

#ifdef __cplusplus
}
#endif
#endif
