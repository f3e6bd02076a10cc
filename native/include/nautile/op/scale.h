#ifndef NAUTILE_OP_SCALE_H
#define NAUTILE_OP_SCALE_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i] = alpha x[i] + beta.
 *
 * @param x  [size], contiguous
 * @param y  [size], contiguous; may be x
 *
 * Error: two roundings, or one where the processor has a fused multiply-add.
 */
NTL_API ntl_status ntl_scale_forward(ntl_context context, ntl_address x, ntl_address y, int64_t size, float alpha,
                                     float beta);

#ifdef __cplusplus
}
#endif
#endif
