#ifndef NAUTILE_OP_SGD_H
#define NAUTILE_OP_SGD_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of stochastic gradient descent, as torch.optim.SGD: g = gradient + weight_decay p + l1 sign(p); with momentum
 * b = momentum b + (1 - dampening) g (b = g in step 1), then g = b, or g + momentum b with nesterov; p -= rate g.
 *
 * @param parameter  p [size], contiguous; overwritten
 * @param gradient  [size]
 * @param momentum_buffer  b [size], overwritten; 0 when momentum is 0
 * @param rate  [1], the learning rate
 * @param count  [1], which step this is, from 1; 0 when momentum is 0
 * @return NTL_BAD_ARGUMENT for momentum without a buffer or a count
 */
NTL_API ntl_status ntl_sgd_step(ntl_context context, ntl_address parameter, ntl_address gradient,
                                ntl_address momentum_buffer, ntl_address rate, ntl_address count, int64_t size,
                                float momentum, float dampening, float weight_decay, float l1, int32_t nesterov);

#ifdef __cplusplus
}
#endif
#endif
