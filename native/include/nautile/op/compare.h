#ifndef NAUTILE_OP_COMPARE_H
#define NAUTILE_OP_COMPARE_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of ntl_compare_forward. */
enum { NTL_EQ = 0, NTL_NE = 1, NTL_LT = 2, NTL_LE = 3, NTL_GT = 4, NTL_GE = 5 };

/**
 * y[i,j,k,l] = 1 where a[i,j,k,l] compares so with b[i,j,k,l], else 0. NaN is unequal to everything, and neither less nor more.
 *
 * @param a, b  float32 at steps a0..a3 and b0..b3; a step of 0 repeats the element along that axis
 * @param y  uint8 [n0,n1,n2,n3], contiguous
 * @param function  one of the constants above
 * @return NTL_BAD_ARGUMENT for an unknown function
 *
 * Exact.
 */
NTL_API ntl_status ntl_compare_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t n0,
                                       int64_t n1, int64_t n2, int64_t n3, int64_t a0, int64_t a1, int64_t a2,
                                       int64_t a3, int64_t b0, int64_t b1, int64_t b2, int64_t b3, int32_t function);

#ifdef __cplusplus
}
#endif
#endif
