#ifndef NAUTILE_OP_SOFTMAX_H
#define NAUTILE_OP_SOFTMAX_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[r,c] = exp(x[r,c] - m[r]) / sum_k exp(x[r,k] - m[r]) with m[r] = max_k x[r,k].
 *
 * @param x  [rows,cols], contiguous, cols >= 1
 * @param y  as x; may be x
 *
 * A row of only -inf gives NaN. Sums in float32 by lanes; error of a weight at most 8 ulp + 2e-7 absolute.
 * Source: Milakov and Gimelshein 2018, arXiv:1805.02867.
 */
NTL_API ntl_status ntl_softmax_forward(ntl_context context, ntl_address x, ntl_address y, int64_t rows, int64_t cols);

/**
 * dx[r,c] = y[r,c] (dy[r,c] - sum_k y[r,k] dy[r,k]), or dx += ... with accumulate.
 *
 * @param y  the result of the forward pass, [rows,cols]
 * @param dy  [rows,cols]
 * @param dx  [rows,cols]; may be dy when accumulate is 0
 */
NTL_API ntl_status ntl_softmax_backward(ntl_context context, ntl_address y, ntl_address dy, ntl_address dx,
                                        int64_t rows, int64_t cols, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
