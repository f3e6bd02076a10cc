#ifndef NAUTILE_OP_BINARY_H
#define NAUTILE_OP_BINARY_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of ntl_binary_forward. */
enum {
  NTL_ADD = 0,
  NTL_SUB = 1,
  NTL_MUL = 2,
  NTL_DIV = 3,
  NTL_MAXIMUM = 4, /* NaN if either is */
  NTL_MINIMUM = 5,
  NTL_POWER = 6,        /* a^b with the special cases of C's pow */
  NTL_MAXIMUM_BY_A = 7, /* its derivative as in PyTorch: 0 for a < b, 1/2 for a == b, else 1 */
  NTL_POWER_BY_A = 8,   /* b a^(b - 1), 0 for b == 0 */
  NTL_POWER_BY_B = 9    /* a^b log a, 0 for a == 0 and b >= 0 */
};

/**
 * y[i,j,k,l] = f(a[i,j,k,l], b[i,j,k,l]) with f one of the functions above.
 *
 * @param a, b  elements at steps a0..a3 and b0..b3; a step of 0 repeats the element along that axis
 * @param y  [n0,n1,n2,n3], contiguous; may be a or b if that has the same layout
 * @param function  one of the constants above
 * @return NTL_BAD_ARGUMENT for an unknown function
 *
 * Error: one rounding; at most 4 ulp for the power and 2 ulp for its derivatives.
 */
NTL_API ntl_status ntl_binary_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t n0,
                                      int64_t n1, int64_t n2, int64_t n3, int64_t a0, int64_t a1, int64_t a2,
                                      int64_t a3, int64_t b0, int64_t b1, int64_t b2, int64_t b3, int32_t function);

#ifdef __cplusplus
}
#endif
#endif
