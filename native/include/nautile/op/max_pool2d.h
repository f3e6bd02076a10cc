#ifndef NAUTILE_OP_MAX_POOL2D_H
#define NAUTILE_OP_MAX_POOL2D_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The largest element of each window: y[n,p,q,c] = max_{k,l} x[n, p stride_h - padding_h + k dilation_h, q stride_w -
 * padding_w + l dilation_w, c] over the places (k,l) that are in the picture, -inf if none is. NaN if there is one.
 *
 * @param x  pictures [n,height,width,c], contiguous
 * @param y  [n,rows,cols,c], contiguous
 * @param places  uint8 [n,rows,cols,c], for the backward pass: k kernel_w + l of the element that was taken, the first of
 *        equal ones, the last NaN, as in PyTorch; null if there is none to be
 * @param rows, cols  windows along each axis; none starts beyond the picture
 * @return NTL_BAD_ARGUMENT for places of windows that have more than 256
 *
 * Exact.
 */
NTL_API ntl_status ntl_max_pool2d_forward(ntl_context context, ntl_address x, ntl_address y, ntl_address places,
                                          int64_t n, int64_t c, int64_t height, int64_t rows, int64_t kernel_h,
                                          int64_t stride_h, int64_t padding_h, int64_t dilation_h, int64_t width,
                                          int64_t cols, int64_t kernel_w, int64_t stride_w, int64_t padding_w,
                                          int64_t dilation_w);

/**
 * The gradient of each window goes to the element that was taken: dx[n,i,j,c] = sum of dy[n,p,q,c] over the windows that took
 * it, or dx += ... with accumulate. At most two roundings for each row and column of windows that overlap.
 *
 * @param places  from the forward pass
 * @param dy  [n,rows,cols,c]
 * @param dx  [n,height,width,c]
 */
NTL_API ntl_status ntl_max_pool2d_backward(ntl_context context, ntl_address places, ntl_address dy, ntl_address dx,
                                           int64_t n, int64_t c, int64_t height, int64_t rows, int64_t kernel_h,
                                           int64_t stride_h, int64_t padding_h, int64_t dilation_h, int64_t width,
                                           int64_t cols, int64_t kernel_w, int64_t stride_w, int64_t padding_w,
                                           int64_t dilation_w, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
