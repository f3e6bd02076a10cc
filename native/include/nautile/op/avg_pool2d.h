#ifndef NAUTILE_OP_AVG_POOL2D_H
#define NAUTILE_OP_AVG_POOL2D_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The mean of each window: y[n,p,q,c] = sum_{k,l} x[n, p stride_h - padding_h + k, q stride_w - padding_w + l, c] / d over
 * the places (k,l) that are in the picture. d is `divisor`, or if that is 0 the number of places of the window: those in the
 * picture, and with count_padding those in the padding.
 *
 * @param x  pictures [n,height,width,c], contiguous
 * @param y  [n,rows,cols,c], contiguous
 * @param rows, cols  windows along each axis; none starts beyond the picture
 *
 * Sums of 16 neighbours in float32, of these in double: at most 17 roundings of sum |x| / d, most often 2.
 */
NTL_API ntl_status ntl_avg_pool2d_forward(ntl_context context, ntl_address x, ntl_address y, int64_t n, int64_t c,
                                          int64_t height, int64_t rows, int64_t kernel_h, int64_t stride_h,
                                          int64_t padding_h, int64_t width, int64_t cols, int64_t kernel_w,
                                          int64_t stride_w, int64_t padding_w, int32_t count_padding, int64_t divisor);

/**
 * dx[n,i,j,c] = sum of dy[n,p,q,c] / d over the windows that (i,j) is in, or dx += ... with accumulate. At most two roundings
 * for each row and column of windows that overlap, and two more.
 *
 * @param dy  [n,rows,cols,c]
 * @param dx  [n,height,width,c]
 */
NTL_API ntl_status ntl_avg_pool2d_backward(ntl_context context, ntl_address dy, ntl_address dx, int64_t n, int64_t c,
                                           int64_t height, int64_t rows, int64_t kernel_h, int64_t stride_h,
                                           int64_t padding_h, int64_t width, int64_t cols, int64_t kernel_w,
                                           int64_t stride_w, int64_t padding_w, int32_t count_padding, int64_t divisor,
                                           int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
