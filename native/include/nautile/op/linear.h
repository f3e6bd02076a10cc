#ifndef NAUTILE_OP_LINEAR_H
#define NAUTILE_OP_LINEAR_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y = x weight^T + bias.
 *
 * @param x  [m,k], contiguous
 * @param weight  [n,k], contiguous
 * @param bias  [n], or 0 for none
 * @param y  [m,n], contiguous; overlaps nothing
 *
 * Error as ntl_matmul_forward.
 */
NTL_API ntl_status ntl_linear_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                      ntl_address y, int64_t m, int64_t n, int64_t k);

/**
 * dx = dy weight, dweight = dy^T x, dbias = sum over rows of dy; each is added to what is there with its accumulate.
 *
 * @param x, weight  as in the forward pass; x is read for dweight, weight for dx only
 * @param dy  [m,n], contiguous
 * @param dx  [m,k], dweight [n,k], dbias [n]; 0 for what is not wanted
 *
 * Error as ntl_matmul_forward; dbias is summed in double.
 */
NTL_API ntl_status ntl_linear_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address dy,
                                       ntl_address dx, ntl_address dweight, ntl_address dbias, int64_t m, int64_t n,
                                       int64_t k, int32_t accumulate_dx, int32_t accumulate_dweight,
                                       int32_t accumulate_dbias);

#ifdef __cplusplus
}
#endif
#endif
