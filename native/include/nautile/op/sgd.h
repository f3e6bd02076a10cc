#ifndef NAUTILE_OP_SGD_H
#define NAUTILE_OP_SGD_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of stochastic gradient descent, as torch.optim.SGD: g = gradient + weight_decay p; with momentum
 * b = momentum b + (1 - dampening) g (b = g on the first step), then g = b, or g + momentum b with nesterov; p -= lr g.
 *
 * @param parameter  p [size], contiguous; overwritten
 * @param gradient  [size]
 * @param momentum_buffer  b [size], overwritten; 0 when momentum is 0
 * @param first  whether momentum_buffer holds nothing yet
 * @return NTL_BAD_ARGUMENT for momentum without a buffer
 */
NTL_API ntl_status ntl_sgd_step(ntl_context context, ntl_address parameter, ntl_address gradient,
                                ntl_address momentum_buffer, int64_t size, float lr, float momentum, float dampening,
                                float weight_decay, int32_t nesterov, int32_t first);

#ifdef __cplusplus
}
#endif
#endif
