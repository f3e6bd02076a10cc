/*
 * The rungs of ./nautile ladder: an op in small steps from the plain loop to a fast kernel. What they compute is in
 * bench/ladder/ladder.hpp, which of them there are in bench/ladder/rungs.def.
 */
#ifndef NAUTILE_LADDER_H
#define NAUTILE_LADDER_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Runs a rung. The caller has checked that the tensors, float32 in row-major order, have the extents.
 *
 * @param rung    for example "matmul_naive"
 * @param a, b, c the inputs; those that the op does not have are not looked at
 * @param y       the result; overlaps no input
 * @param s0      with s1, s2: m, n, k of "matmul"; with s1 to s4: images, channels in and out, height and width of "conv2d"; with
 *                s1: heads and length of "attention"; with s1: floats and rounds of "roof"
 * @return NTL_UNSUPPORTED if the context's kernels have no such rung
 */
NTL_API ntl_status ntl_ladder(ntl_context context, const char* rung, ntl_address a, ntl_address b, ntl_address c,
                              ntl_address y, int64_t s0, int64_t s1, int64_t s2, int64_t s3, int64_t s4);

#ifdef __cplusplus
}
#endif
#endif
