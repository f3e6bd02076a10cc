#ifndef NAUTILE_OP_TOPK_H
#define NAUTILE_OP_TOPK_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[r,:] = the places of the k largest elements of row r of x, the largest first. Of equals, the first comes first; NaN is larger
 * than everything, and all NaN are equal.
 *
 * @param x  [rows,cols], contiguous, cols < 2^32
 * @param y  int64 [rows,k], 0 <= k <= cols
 *
 * Exact.
 */
NTL_API ntl_status ntl_topk_forward(ntl_context context, ntl_address x, ntl_address y, int64_t rows, int64_t cols,
                                    int64_t k);

#ifdef __cplusplus
}
#endif
#endif
