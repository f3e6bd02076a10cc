#ifndef NAUTILE_OP_RMSPROP_H
#define NAUTILE_OP_RMSPROP_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of RMSProp, as torch.optim.RMSprop: g = gradient + weight_decay p + l1 sign(p); v = alpha v + (1 - alpha) g^2;
 * centered, m += (1 - alpha) (g - m) and d = g / (sqrt(v - m^2) + eps), else d = g / (sqrt(v) + eps); with momentum
 * b = momentum b + d and d = b; p -= rate d.
 *
 * Each of v, m, b and d is right to 8 roundings of float32; d of centered to as many more as v is larger than v - m^2.
 *
 * @param parameter  p [size], contiguous; overwritten
 * @param gradient  [size]
 * @param square  v [size], overwritten; 0 before step 1
 * @param mean  m [size], overwritten; 0 before step 1. The address 0: not centered
 * @param momentum_buffer  b [size], overwritten; 0 before step 1. The address 0: no momentum
 * @param rate  [1], the learning rate
 *
 * Source: Tieleman and Hinton 2012, lecture 6.5; centered: Graves 2013, arXiv:1308.0850.
 */
NTL_API ntl_status ntl_rmsprop_step(ntl_context context, ntl_address parameter, ntl_address gradient,
                                    ntl_address square, ntl_address mean, ntl_address momentum_buffer, ntl_address rate,
                                    int64_t size, double alpha, float eps, float momentum, float weight_decay,
                                    float l1);

#ifdef __cplusplus
}
#endif
#endif
