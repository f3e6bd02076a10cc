#ifndef NAUTILE_OP_CROSS_ENTROPY_H
#define NAUTILE_OP_CROSS_ENTROPY_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What becomes of the losses of the rows. */
enum { NTL_REDUCTION_NONE = 0, NTL_REDUCTION_MEAN = 1, NTL_REDUCTION_SUM = 2 };

/**
 * Softmax and cross-entropy in one: loss[r] = lse[r] - (1 - s) x[r,t] - s mean_c x[r,c] with lse[r] = log sum_c exp(x[r,c]),
 * t = target[r], s = label_smoothing. Rows whose target is ignore_index have loss 0; the mean is over the others, and NaN if
 * there are none.
 *
 * @param x  scores (logits) [rows,classes], contiguous
 * @param target  int64 [rows]
 * @param loss  [rows] without reduction, else one element
 * @param lse  [rows,2], kept for the backward pass: m = max_c x[r,c] and log sum_c exp(x[r,c] - m), whose sum is lse[r]; apart,
 *        because one float32 loses the digits that count where scores are large
 * @param label_smoothing  s, from 0 to 1; Szegedy et al. 2016, arXiv:1512.00567
 * @param reduction  one of the constants above
 * @return NTL_BAD_ARGUMENT for a target that is neither a class nor ignore_index (row and value in ntl_last_error), or an
 *         unknown reduction
 *
 * Losses are added up in double. Error 1e-6 absolute for scores of order 1.
 */
NTL_API ntl_status ntl_cross_entropy_forward(ntl_context context, ntl_address x, ntl_address target, ntl_address loss,
                                             ntl_address lse, int64_t rows, int64_t classes, float label_smoothing,
                                             int64_t ignore_index, int32_t reduction);

/**
 * dx[r,c] = g[r] (exp(x[r,c] - lse[r]) - (1 - s) [c == t] - s / classes), with g[r] = dloss[r] without reduction, dloss for
 * the sum, dloss / (rows not ignored) for the mean, and 0 for ignored rows; dx += ... with accumulate.
 *
 * @param x, target, lse  as in the forward pass
 * @param dloss  [rows] without reduction, else one element
 * @param dx  [rows,classes]; may be x when accumulate is 0
 */
NTL_API ntl_status ntl_cross_entropy_backward(ntl_context context, ntl_address x, ntl_address target, ntl_address lse,
                                              ntl_address dloss, ntl_address dx, int64_t rows, int64_t classes,
                                              float label_smoothing, int64_t ignore_index, int32_t reduction,
                                              int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
