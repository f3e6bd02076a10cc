#ifndef NAUTILE_OP_UPSAMPLE_H
#define NAUTILE_OP_UPSAMPLE_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is put between pixels. Position of output pixel o in x, and with the linear ones what it is made of. */
enum {
  NTL_NEAREST = 0,         /* floor(o step), computed in float32 */
  NTL_BILINEAR = 1,        /* (o + 0.5) step - 0.5, 0 below 0: between the two pixels around it, by distance */
  NTL_BILINEAR_ALIGNED = 2 /* o step, likewise */
};

/**
 * Pictures of another size: y[n,p,q,c] = x[n,i,j,c] at the position of (p,q), or the sum of the four pixels around it by their
 * weights. Positions beyond the last pixel are those of the last pixel.
 *
 * @param x  pictures [n,height,width,c], contiguous, height and width >= 1
 * @param y  [n,rows,cols,c], contiguous
 * @param step_h, step_w  positions in x from one output pixel to the next
 * @param mode  one of the constants above
 * @return NTL_BAD_ARGUMENT for an unknown mode
 *
 * Nearest is exact. Else positions are computed in double and weights rounded to float32: at most 5 roundings of the sum of
 * the four terms' absolute values.
 */
NTL_API ntl_status ntl_upsample_forward(ntl_context context, ntl_address x, ntl_address y, int64_t n, int64_t c,
                                        int64_t height, int64_t rows, float step_h, int64_t width, int64_t cols,
                                        float step_w, int32_t mode);

/**
 * dx[n,i,j,c] = sum of dy[n,p,q,c] over the output pixels that (i,j) is in, times its weights there, or dx += ... with
 * accumulate. At most a rounding for each row and column of these pixels, and three more.
 *
 * @param dy  [n,rows,cols,c]
 * @param dx  [n,height,width,c]
 */
NTL_API ntl_status ntl_upsample_backward(ntl_context context, ntl_address dy, ntl_address dx, int64_t n, int64_t c,
                                         int64_t height, int64_t rows, float step_h, int64_t width, int64_t cols,
                                         float step_w, int32_t mode, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
