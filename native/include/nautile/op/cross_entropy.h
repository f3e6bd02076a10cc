#ifndef NAUTILE_OP_CROSS_ENTROPY_H
#define NAUTILE_OP_CROSS_ENTROPY_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Softmax and cross-entropy in one: loss[r] = sum_c q[r,c] (lse[r] - x[r,c]) with lse[r] = log sum_c exp(x[r,c]), where q says
 * what is wanted: q[r,c] = weight[c] ((1 - s) t[r,c] + s / classes) with s = label_smoothing, and t[r,c] = probabilities[r,c]
 * or [c == labels[r]]. As PyTorch's cross_entropy; Szegedy et al. 2016, arXiv:1512.00567, for the smoothing.
 *
 * Rows whose label is ignore_index have loss 0. The mean divides by the sum of weight[labels[r]] over the other rows, NaN if
 * that is 0 / 0, or with probabilities by the number of rows.
 *
 * @param x  scores (logits) [rows,classes], contiguous; or logarithms of probabilities, where log_probabilities is not 0: lse
 *        is then taken to be 0, as in PyTorch's nll_loss
 * @param labels  int64 [rows], or null
 * @param probabilities  [rows,classes] if labels is null
 * @param weight  [classes], or null for ones
 * @param loss  [rows] without reduction, else one element
 * @param saved  [2 rows + 1], kept for the backward pass: for each row m = max_c x[r,c] and log sum_c exp(x[r,c] - m), whose
 *        sum is lse[r] (apart, because one float32 loses the digits that count where scores are large); last, with a
 *        reduction, what the sum was divided by
 * @param label_smoothing  s, from 0 to 1
 * @param reduction  one of core.h's constants
 * @return NTL_BAD_ARGUMENT for a label that is neither a class nor ignore_index (row and value in ntl_last_error), or an
 *         unknown reduction
 *
 * Losses are added up in double. Error 1e-6 absolute for scores of order 1.
 */
NTL_API ntl_status ntl_cross_entropy_forward(ntl_context context, ntl_address x, ntl_address labels,
                                             ntl_address probabilities, ntl_address weight, ntl_address loss,
                                             ntl_address saved, int64_t rows, int64_t classes, float label_smoothing,
                                             int64_t ignore_index, int32_t log_probabilities, int32_t reduction);

/**
 * dx[r,c] = g[r] (exp(x[r,c] - lse[r]) sum_k q[r,k] - q[r,c]), without the first term for log_probabilities, with g[r] =
 * dloss[r] without reduction, dloss for the sum, dloss / (what the mean divides by) for the mean, and 0 for ignored rows;
 * dx += ... with accumulate.
 *
 * @param x, labels, probabilities, weight, saved  as in the forward pass
 * @param dloss  [rows] without reduction, else one element
 * @param dx  [rows,classes]; may be x when accumulate is 0
 */
NTL_API ntl_status ntl_cross_entropy_backward(ntl_context context, ntl_address x, ntl_address labels,
                                              ntl_address probabilities, ntl_address weight, ntl_address saved,
                                              ntl_address dloss, ntl_address dx, int64_t rows, int64_t classes,
                                              float label_smoothing, int64_t ignore_index, int32_t log_probabilities,
                                              int32_t reduction, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
