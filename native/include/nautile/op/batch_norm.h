#ifndef NAUTILE_OP_BATCH_NORM_H
#define NAUTILE_OP_BATCH_NORM_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[r,c] = (x[r,c] - mean[c]) / sqrt(var[c] + eps) * weight[c] + bias[c] with, in training, the mean and the biased variance of
 * column c, and else the running ones. Training moves these: running += share (batch - running), with the variance that
 * divides by rows - 1, and share = momentum or, with a negative momentum, 1 / batches. Without rows only batches changes.
 *
 * @param x  [rows,channels], contiguous: pictures with their channels beside each other
 * @param weight  [channels]; 0: ones
 * @param bias  [channels]; 0: zeros
 * @param running_mean  [channels], written in training; 0: none, in training only
 * @param running_var  as running_mean
 * @param batches  int64, the number of batches so far, which training increases first; 0 where running_mean is
 * @param y  as x; may be x
 * @param stats  [3,channels], written: the mean as a sum of two numbers, and 1 / sqrt(var + eps)
 *
 * Sums of 32 rows in float32, of differences to the mean of the first 8 rows of a block of at most 256; those in double: a
 * large mean costs no digits. Error of y at most 1e-6 of the largest term of its channel, plus the rounding of x itself.
 * Source: Ioffe and Szegedy 2015, arXiv:1502.03167; Chan, Golub and LeVeque 1983, The American Statistician 37(3).
 */
NTL_API ntl_status ntl_batch_norm_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                          ntl_address running_mean, ntl_address running_var, ntl_address batches,
                                          ntl_address y, ntl_address stats, int64_t rows, int64_t channels,
                                          int32_t training, float momentum, float eps);

/**
 * With n = (x - mean) / std: dx = weight / std (dy - mean_r(dy) - n mean_r(dy n)), and with running statistics
 * dx = weight / std dy; dweight = sum_r dy n, dbias = sum_r dy; or += with accumulate.
 *
 * @param x  [rows,channels]
 * @param weight  [channels]; 0: ones
 * @param stats  [3,channels] of the forward pass
 * @param dy  [rows,channels]
 * @param dx  [rows,channels]; 0 if not wanted; may be dy when accumulate_dx is 0
 * @param dweight  [channels]; 0 if not wanted
 * @param dbias  [channels]; 0 if not wanted
 * @param training  as in the forward pass
 *
 * Sums as in the forward pass.
 */
NTL_API ntl_status ntl_batch_norm_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address stats,
                                           ntl_address dy, ntl_address dx, ntl_address dweight, ntl_address dbias,
                                           int64_t rows, int64_t channels, int32_t training, int32_t accumulate_dx,
                                           int32_t accumulate_dweight, int32_t accumulate_dbias);

#ifdef __cplusplus
}
#endif
#endif
