#ifndef NAUTILE_OP_GATHER_H
#define NAUTILE_OP_GATHER_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[o,j,i] = x[o,index[o,j,i],i].
 *
 * @param x  [outer,n,inner], contiguous
 * @param index  int64 [outer,m,inner]
 * @param y  [outer,m,inner]
 * @return NTL_BAD_ARGUMENT for an index that is not from 0 to n - 1 (place and value in ntl_last_error)
 *
 * Exact.
 */
NTL_API ntl_status ntl_gather_forward(ntl_context context, ntl_address x, ntl_address index, ntl_address y,
                                      int64_t outer, int64_t n, int64_t m, int64_t inner);

/**
 * dx[o,k,i] = the sum of dy[o,j,i] over the j with index[o,j,i] == k; dx += ... with accumulate. Indices out of range have no part
 * in it: the forward pass has reported them.
 *
 * @param index  int64 [outer,m,inner]
 * @param dy  [outer,m,inner], contiguous
 * @param dx  [outer,n,inner]
 *
 * Added one after the other in the order of j: error at most r roundings of the sum of absolute values, for r terms.
 */
NTL_API ntl_status ntl_gather_backward(ntl_context context, ntl_address index, ntl_address dy, ntl_address dx,
                                       int64_t outer, int64_t n, int64_t m, int64_t inner, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
