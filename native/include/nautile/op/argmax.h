#ifndef NAUTILE_OP_ARGMAX_H
#define NAUTILE_OP_ARGMAX_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[o,i] = the first j at which x[o,j,i] is largest; NaN counts as larger than all numbers.
 *
 * @param x  [outer,n,inner], contiguous, n >= 1
 * @param y  int64 [outer,inner], contiguous
 */
NTL_API ntl_status ntl_argmax_forward(ntl_context context, ntl_address x, ntl_address y, int64_t outer, int64_t n,
                                      int64_t inner);

#ifdef __cplusplus
}
#endif
#endif
