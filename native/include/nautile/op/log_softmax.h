#ifndef NAUTILE_OP_LOG_SOFTMAX_H
#define NAUTILE_OP_LOG_SOFTMAX_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[r,c] = x[r,c] - m[r] - log sum_k exp(x[r,k] - m[r]) with m[r] = max_k x[r,k].
 *
 * @param x  [rows,cols], contiguous, cols >= 1
 * @param y  as x; may be x
 *
 * A row of only -inf gives NaN. Sums in float32 by lanes; error at most 4 ulp of the largest term.
 * Source: Milakov and Gimelshein 2018, arXiv:1805.02867.
 */
NTL_API ntl_status ntl_log_softmax_forward(ntl_context context, ntl_address x, ntl_address y, int64_t rows,
                                           int64_t cols);

/**
 * dx[r,c] = dy[r,c] - exp(y[r,c]) sum_k dy[r,k], or dx += ... with accumulate.
 *
 * @param y  the result of the forward pass, [rows,cols]
 * @param dy  [rows,cols]
 * @param dx  [rows,cols]; may be dy when accumulate is 0
 */
NTL_API ntl_status ntl_log_softmax_backward(ntl_context context, ntl_address y, ntl_address dy, ntl_address dx,
                                            int64_t rows, int64_t cols, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
