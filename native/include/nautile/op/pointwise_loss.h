#ifndef NAUTILE_OP_POINTWISE_LOSS_H
#define NAUTILE_OP_POINTWISE_LOSS_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of ntl_pointwise_loss_forward, of x and the target t. Formulas as in PyTorch's torch.nn.functional. */
enum {
  NTL_MSE = 0,              /* (x - t)^2 */
  NTL_L1 = 1,               /* |x - t| */
  NTL_HUBER = 2,            /* (x - t)^2 / 2, or delta (|x - t| - delta / 2) where |x - t| > delta */
  NTL_BCE = 3,              /* -(t log x + (1 - t) log(1 - x)), each logarithm at least -100; x from 0 to 1, else NaN */
  NTL_BCE_WITH_LOGITS = 4,  /* bce of sigmoid(x), as pos_weight t log(1 + e^-x) + (1 - t) log(1 + e^x) */
  NTL_KL_DIV = 5,           /* t (log t - x), -0 log 0 = 0; x is a log-probability */
  NTL_KL_DIV_LOG_TARGET = 6 /* e^t (t - x) */
};

/**
 * loss[i] = weight[i] f(x[i], target[i]), or their mean or sum. The mean is over the number of elements, whatever the weights,
 * and NaN if there are none.
 *
 * @param x, target  [size], contiguous
 * @param weight  [size], or null for ones
 * @param pos_weight  [size], or null for ones: of bce_with_logits, unused otherwise
 * @param loss  [size] without reduction, else one element
 * @param function  one of the constants above
 * @param delta  the parameter of huber, unused otherwise
 * @param reduction  one of core.h's constants
 * @return NTL_BAD_ARGUMENT for an unknown function or reduction
 *
 * Losses are added up in double. Error of a loss: 3 ulp for mse, l1 and huber; 8 ulp and 4 ulp of the largest of the
 * terms that a formula adds up for the others.
 */
NTL_API ntl_status ntl_pointwise_loss_forward(ntl_context context, ntl_address x, ntl_address target,
                                              ntl_address weight, ntl_address pos_weight, ntl_address loss,
                                              int64_t size, int32_t function, float delta, int32_t reduction);

/**
 * dx[i] = g weight[i] df/dx with g = dloss[i] without reduction, dloss for the sum, dloss / size for the mean; or df/dt where
 * by_target is not 0. dx += ... with accumulate. Slopes at kinks as in PyTorch: that of |x - t| is 0 at 0, that of bce is
 * (x - t) / max(x (1 - x), 1e-12), and its logarithms keep their bound in the one by the target.
 *
 * @param x, target, weight, pos_weight  as in the forward pass
 * @param dloss  [size] without reduction, else one element
 * @param dx  [size]; may be x or target when accumulate is 0
 */
NTL_API ntl_status ntl_pointwise_loss_backward(ntl_context context, ntl_address x, ntl_address target,
                                               ntl_address weight, ntl_address pos_weight, ntl_address dloss,
                                               ntl_address dx, int64_t size, int32_t function, float delta,
                                               int32_t reduction, int32_t by_target, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
