#ifndef NAUTILE_OP_CLIP_GRAD_NORM_H
#define NAUTILE_OP_CLIP_GRAD_NORM_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * norm = |gradient|, and gradient *= min(1, max_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_. A norm of NaN
 * makes every gradient NaN, an infinite one makes the finite gradients 0 and the others NaN.
 *
 * Squares are summed in double: the norm is right to one rounding, a gradient to 4.
 *
 * @param gradient  [size], contiguous; overwritten where the norm is too large
 * @param norm  [1], overwritten
 */
NTL_API ntl_status ntl_clip_grad_norm_step(ntl_context context, ntl_address gradient, ntl_address norm, int64_t size,
                                           float max_norm);

#ifdef __cplusplus
}
#endif
#endif
