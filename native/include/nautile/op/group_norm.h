#ifndef NAUTILE_OP_GROUP_NORM_H
#define NAUTILE_OP_GROUP_NORM_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[s,r,c] = (x[s,r,c] - mean[s,g]) / sqrt(var[s,g] + eps) * weight[c] + bias[c] with the mean and the biased variance of the
 * channels / groups channels beside each other that form group g of c, over all rows of sample s.
 *
 * @param x  [samples,rows,channels], contiguous: pictures with their channels beside each other
 * @param weight  [channels]; 0: ones
 * @param bias  [channels]; 0: zeros
 * @param y  as x; may be x
 * @param stats  [samples,3,channels], written: the mean as a sum of two numbers, and 1 / sqrt(var + eps)
 * @param groups  divides channels
 *
 * Sums and error bound as in batch_norm.h.
 * Source: Wu and He 2018, arXiv:1803.08494; with a group for each channel: Ulyanov et al. 2016, arXiv:1607.08022.
 */
NTL_API ntl_status ntl_group_norm_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                          ntl_address y, ntl_address stats, int64_t samples, int64_t rows,
                                          int64_t channels, int64_t groups, float eps);

/**
 * With n = (x - mean) / std and g = dy weight: dx = (g - mean(g) - n mean(g n)) / std with means over a group, dweight = the sum
 * of dy n over samples and rows, dbias = that of dy; or += with accumulate.
 *
 * @param x  [samples,rows,channels]
 * @param weight  [channels]; 0: ones
 * @param stats  [samples,3,channels] of the forward pass
 * @param dy  [samples,rows,channels]
 * @param dx  [samples,rows,channels]; 0 if not wanted; may be dy when accumulate_dx is 0
 * @param dweight  [channels]; 0 if not wanted
 * @param dbias  [channels]; 0 if not wanted
 * @param groups  divides channels
 */
NTL_API ntl_status ntl_group_norm_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address stats,
                                           ntl_address dy, ntl_address dx, ntl_address dweight, ntl_address dbias,
                                           int64_t samples, int64_t rows, int64_t channels, int64_t groups,
                                           int32_t accumulate_dx, int32_t accumulate_dweight, int32_t accumulate_dbias);

#ifdef __cplusplus
}
#endif
#endif
