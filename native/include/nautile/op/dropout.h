#ifndef NAUTILE_OP_DROPOUT_H
#define NAUTILE_OP_DROPOUT_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i] = x[i] * (bits[i] < keep ? scale : 0), with bits[i] the element position[0] + i of the stream of random_bits.h: the
 * same mask on every device and for any number of threads. Then used[0] = position[0], and position[0] += size, on the
 * device: a recorded step draws other numbers each time it runs.
 *
 * @param x  [size], contiguous
 * @param y  [size], contiguous; may be x
 * @param position  int64 [1], >= 0
 * @param used  int64 [1], kept for the backward pass
 * @param seed, stream  as in random_bits.h
 * @param keep  of 2^32 elements so many are kept: (1 - p) 2^32, from 0 to 2^32
 * @param scale  of those that are kept: 1 / (1 - p)
 *
 * Error: one rounding, for the scale given. NaN and infinity become NaN where dropped. Source: Srivastava et al. 2014,
 * "Dropout: a simple way to prevent neural networks from overfitting", with the scale in training.
 */
NTL_API ntl_status ntl_dropout_forward(ntl_context context, ntl_address x, ntl_address y, ntl_address position,
                                       ntl_address used, int64_t size, int64_t seed, int64_t stream, int64_t keep,
                                       float scale);

/**
 * dx[i] = dy[i] * (bits[i] < keep ? scale : 0) with the forward pass's bits, drawn again; dx += ... with accumulate.
 *
 * @param dy  [size]
 * @param used  int64 [1], of the forward pass
 * @param dx  [size]; may be dy when accumulate is 0
 */
NTL_API ntl_status ntl_dropout_backward(ntl_context context, ntl_address dy, ntl_address used, ntl_address dx,
                                        int64_t size, int64_t seed, int64_t stream, int64_t keep, float scale,
                                        int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
