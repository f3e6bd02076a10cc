/*
 * What the machine can do at best, for the roofs under which ops stand: the caller takes the time.
 */
#ifndef NAUTILE_PEAK_H
#define NAUTILE_PEAK_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NTL_STREAM_READ = 0, NTL_STREAM_WRITE = 1, NTL_STREAM_COPY = 2, NTL_STREAM_TRIAD = 3 };

/**
 * Runs independent chains of fused multiply-adds (of multiplications and additions where the instruction set has no fused
 * ones) in the registers of every thread of the pool.
 *
 * @param rounds of each thread, >= 0; one takes a few nanoseconds
 * @return the floating-point operations of all threads together, a multiply-add being two; -1 if the context's device has no
 *     such loop (ntl_last_error says so)
 */
NTL_API int64_t ntl_peak_flops(ntl_context context, int64_t rounds);

/**
 * Passes over float32 arrays, each thread of the pool over its own part: the sum of a (read), a = 3 (write), a = b (copy),
 * a = b + 3 c (triad), with ordinary stores.
 *
 * @param stream one of NTL_STREAM_...
 * @param a      [size]
 * @param b      [size], for copy and triad, else unused
 * @param c      [size], for triad, else unused
 * @param size   a multiple of 128 times the number of threads
 * @param rounds passes, >= 0
 * @return the bytes that all threads together asked to be read or written: what a write makes the caches read first is not
 *     counted; -1 if the stream is unknown, the size is not such a multiple, or the device has no such loop
 */
NTL_API int64_t ntl_peak_stream(ntl_context context, int32_t stream, ntl_address a, ntl_address b, ntl_address c,
                                int64_t size, int64_t rounds);

#ifdef __cplusplus
}
#endif
#endif
