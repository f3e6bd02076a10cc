#ifndef NAUTILE_OP_REDUCE_H
#define NAUTILE_OP_REDUCE_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of ntl_reduce_forward. */
enum { NTL_SUM = 0, NTL_MEAN = 1, NTL_MAX = 2, NTL_MIN = 3 };

/**
 * y[o,i] = f over j of x[o,j,i], or y[o,i] += ... with accumulate.
 *
 * @param x  [outer,n,inner], contiguous; n >= 1 for maximum and minimum
 * @param y  [outer,inner], contiguous
 * @param function  one of the constants above; the sum of nothing is 0, its mean NaN
 * @return NTL_BAD_ARGUMENT for an unknown function
 *
 * Sums are accumulated in double, in an order that the shape determines: one rounding. NaN gives NaN.
 */
NTL_API ntl_status ntl_reduce_forward(ntl_context context, ntl_address x, ntl_address y, int64_t outer, int64_t n,
                                      int64_t inner, int32_t function, int32_t accumulate);

/**
 * The gradient by x: dy for the sum, dy / n for the mean, and for maximum and minimum dy at the first j where x equals y
 * (or is the first NaN), 0 elsewhere. dx += ... with accumulate.
 *
 * @param x, dx  [outer,n,inner]; x is read for maximum and minimum only
 * @param y, dy  [outer,inner]; y is read for maximum and minimum only
 */
NTL_API ntl_status ntl_reduce_backward(ntl_context context, ntl_address x, ntl_address y, ntl_address dy,
                                       ntl_address dx, int64_t outer, int64_t n, int64_t inner, int32_t function,
                                       int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
