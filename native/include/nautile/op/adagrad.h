#ifndef NAUTILE_OP_ADAGRAD_H
#define NAUTILE_OP_ADAGRAD_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of AdaGrad, as torch.optim.Adagrad: g = gradient + weight_decay p + l1 sign(p); s += g^2;
 * p -= rate / (1 + (count - 1) lr_decay) g / (sqrt(s) + eps).
 *
 * Each of s and the change of p is right to 8 roundings of float32.
 *
 * @param parameter  p [size], contiguous; overwritten
 * @param gradient  [size]
 * @param sum  s [size], overwritten
 * @param rate  [1], the learning rate
 * @param count  [1], which step this is, from 1
 *
 * Source: Duchi, Hazan and Singer 2011, JMLR 12.
 */
NTL_API ntl_status ntl_adagrad_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address sum,
                                    ntl_address rate, ntl_address count, int64_t size, float lr_decay, float eps,
                                    float weight_decay, float l1);

#ifdef __cplusplus
}
#endif
#endif
