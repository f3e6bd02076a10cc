#ifndef NAUTILE_OP_EMBEDDING_H
#define NAUTILE_OP_EMBEDDING_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[r,:] = weight[index[r],:].
 *
 * @param weight  [rows,cols], contiguous
 * @param index  int64 [count]
 * @param y  [count,cols]
 * @return NTL_BAD_ARGUMENT for an index that is no row of weight (place and value in ntl_last_error)
 *
 * Exact.
 */
NTL_API ntl_status ntl_embedding_forward(ntl_context context, ntl_address weight, ntl_address index, ntl_address y,
                                         int64_t count, int64_t rows, int64_t cols);

/**
 * dweight[v,:] = the sum of dy[r,:] over the r with index[r] == v, 0 for v == padding; dweight += ... with accumulate. Indices
 * that are no row have no part in it: the forward pass has reported them.
 *
 * @param index  int64 [count]
 * @param dy  [count,cols], contiguous
 * @param dweight  [rows,cols]
 * @param padding  a row without gradient; -1 for none
 *
 * Sums in double, in the order of r, rounded once (and once more when added to dweight).
 */
NTL_API ntl_status ntl_embedding_backward(ntl_context context, ntl_address index, ntl_address dy, ntl_address dweight,
                                          int64_t count, int64_t rows, int64_t cols, int64_t padding,
                                          int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
