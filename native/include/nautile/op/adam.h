#ifndef NAUTILE_OP_ADAM_H
#define NAUTILE_OP_ADAM_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of Adam, as torch.optim.Adam, or with decoupled AdamW: g = gradient + weight_decay p + l1 sign(p), or with
 * decoupled p *= 1 - rate weight_decay and g = gradient + l1 sign(p); m += (1 - beta1) (g - m);
 * v = beta2 v + (1 - beta2) g^2; p -= rate / (1 - beta1^count) m / (sqrt(v / (1 - beta2^count)) + eps).
 *
 * Each of m, v and the change of p is right to 8 roundings of float32.
 *
 * @param parameter  p [size], contiguous; overwritten
 * @param gradient  [size]
 * @param mean  m [size], overwritten; 0 before step 1
 * @param square  v [size], overwritten; 0 before step 1
 * @param rate  [1], the learning rate
 * @param count  [1], which step this is, from 1
 *
 * Source: Kingma and Ba 2015, arXiv:1412.6980; Loshchilov and Hutter 2019, arXiv:1711.05101.
 */
NTL_API ntl_status ntl_adam_step(ntl_context context, ntl_address parameter, ntl_address gradient, ntl_address mean,
                                 ntl_address square, ntl_address rate, ntl_address count, int64_t size, double beta1,
                                 double beta2, float eps, float weight_decay, float l1, int32_t decoupled);

#ifdef __cplusplus
}
#endif
#endif
