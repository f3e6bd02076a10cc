#ifndef NAUTILE_OP_CONV2D_H
#define NAUTILE_OP_CONV2D_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A convolution: y[i,u,v,o] = bias[o] + sum over r, s, c of x[i, u stride_h - padding_h + r dilation_h,
 * v stride_w - padding_w + s dilation_w, c] weight[o,c,r,s], without the terms that lie outside of x. Group j of groups is
 * the j-th part of y's channels, which sees the j-th part of x's. With relu, y is max(y, 0).
 *
 * @param x  [n,h,w,c], contiguous: pictures whose channels lie side by side
 * @param weight  [k,c/groups,r,s], contiguous
 * @param bias  [k], or 0 for none
 * @param y  [n,p,q,k], contiguous; overlaps nothing
 * @param p, q  rows and columns of y, at most (h + 2 padding_h - dilation_h (r-1) - 1) / stride_h + 1, and likewise
 * @param groups  divides c and k
 *
 * Sums in float32 over parts of at most 512 terms: error at most 8 roundings of the sum of the terms' absolute values. Kernels
 * of 3 x 3 without stride, dilation and groups, for many pixels and for 16 channels or more in whole vectors (on CUDA for 64 or
 * more in fours), are computed in squares of 4 x 4 results by minimal filtering: what is rounded are then sums over all pixels
 * that a square sees, and NaN or infinity among them reaches all of its results. Error at most 3e-6 of y in the Euclidean norm
 * for numbers of one size. See ntl_conv2d_algorithm.
 * On CUDA with tensor cores of compute capability 9.0, results for many pixels and 32 channels or more are added up there
 * instead, in three bf16 parts an element as by ntl_matmul, with smaller errors than in float32.
 * Source: Chellapilla et al. 2006 (a convolution as a product of matrices); Goto and van de Geijn 2008 (the product); Lavin and
 * Gray 2016 (minimal filtering).
 */
NTL_API ntl_status ntl_conv2d_forward(ntl_context context, ntl_address x, ntl_address weight, ntl_address bias,
                                      ntl_address y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t k, int64_t p,
                                      int64_t q, int64_t r, int64_t s, int64_t stride_h, int64_t stride_w,
                                      int64_t padding_h, int64_t padding_w, int64_t dilation_h, int64_t dilation_w,
                                      int64_t groups, int32_t relu);

/**
 * The wanted gradients; each is added to what is there with its accumulate. That by x is also the transposed convolution of
 * dy, for which a bias can be added to it.
 *
 * @param x, weight  as in the forward pass; x is read for dweight, weight for dx only
 * @param y  the result of a forward pass with relu: dy counts where y > 0; else 0
 * @param dy  [n,p,q,k], contiguous
 * @param bias  [c], added to dx; or 0 for none
 * @param dx  [n,h,w,c], dweight [k,c/groups,r,s], dbias [k]; 0 for what is not wanted
 *
 * Error as the forward pass, on CUDA that of dweight too; dbias is summed in float32 over 8 pixels, those sums in double.
 */
NTL_API ntl_status ntl_conv2d_backward(ntl_context context, ntl_address x, ntl_address weight, ntl_address y,
                                       ntl_address dy, ntl_address bias, ntl_address dx, ntl_address dweight,
                                       ntl_address dbias, int64_t n, int64_t c, int64_t h, int64_t w, int64_t k,
                                       int64_t p, int64_t q, int64_t r, int64_t s, int64_t stride_h, int64_t stride_w,
                                       int64_t padding_h, int64_t padding_w, int64_t dilation_h, int64_t dilation_w,
                                       int64_t groups, int32_t accumulate_dx, int32_t accumulate_dweight,
                                       int32_t accumulate_dbias);

/**
 * Which algorithms the convolutions of this process may take from now on; recorded plans keep theirs.
 *
 * @param algorithm  0: what is expected to be fastest (the default); 1: never minimal filtering; 2: minimal filtering wherever
 *                   it is possible: kernels of 3 x 3 without stride, dilation and groups, whole vectors of channels (on CUDA
 *                   fours)
 */
NTL_API ntl_status ntl_conv2d_algorithm(int32_t algorithm);

#ifdef __cplusplus
}
#endif
#endif
