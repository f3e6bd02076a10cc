#ifndef NAUTILE_OP_LAYER_NORM_H
#define NAUTILE_OP_LAYER_NORM_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[r,c] = (x[r,c] - mean[r]) / sqrt(var[r] + eps) * weight[c] + bias[c] with the mean and the biased variance of row r.
 *
 * @param x  [rows,cols], contiguous
 * @param weight  [cols]; 0: ones
 * @param bias  [cols]; 0: zeros
 * @param y  as x; may be x
 * @param stats  [rows,3], written: the mean as a sum of two numbers, and 1 / sqrt(var + eps)
 *
 * The variance is that of the differences to the mean, in a second pass over the row. Sums in float32 by lanes for at most 1024
 * elements, those in double. Error of y at most 1e-6 of the largest term of its row plus the rounding of x itself.
 * Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
 */
NTL_API ntl_status ntl_layer_norm_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                          ntl_address y, ntl_address stats, int64_t rows, int64_t cols, float eps);

/**
 * With n = (x - mean) / std and g = dy weight: dx = (g - mean_c(g) - n mean_c(g n)) / std, dweight = sum_r dy n,
 * dbias = sum_r dy; or += with accumulate.
 *
 * @param x  [rows,cols]
 * @param weight  [cols]; 0: ones
 * @param stats  [rows,3] of the forward pass
 * @param dy  [rows,cols]
 * @param dx  [rows,cols]; 0 if not wanted; may be dy when accumulate_dx is 0
 * @param dweight  [cols]; 0 if not wanted
 * @param dbias  [cols]; 0 if not wanted
 *
 * dweight and dbias: sums of 64 rows in float32, those in double, in the order of the rows.
 */
NTL_API ntl_status ntl_layer_norm_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address stats,
                                           ntl_address dy, ntl_address dx, ntl_address dweight, ntl_address dbias,
                                           int64_t rows, int64_t cols, int32_t accumulate_dx,
                                           int32_t accumulate_dweight, int32_t accumulate_dbias);

#ifdef __cplusplus
}
#endif
#endif
