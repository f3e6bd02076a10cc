#ifndef NAUTILE_OP_ACTIVATION_H
#define NAUTILE_OP_ACTIVATION_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of ntl_activation_forward. Formulas as in PyTorch's torch.nn.functional. */
enum {
  NTL_LINEAR = 0,
  NTL_RELU = 1,
  NTL_LEAKY_RELU = 2, /* alpha: slope for x < 0 */
  NTL_ELU = 3,        /* alpha (e^x - 1) for x < 0 */
  NTL_SIGMOID = 4,
  NTL_TANH = 5,
  NTL_SWISH = 6,
  NTL_GELU = 7,      /* x Phi(x), Phi from erf */
  NTL_GELU_TANH = 8, /* the tanh approximation of Hendrycks & Gimpel 2016, arXiv:1606.08415 */
  NTL_SOFTPLUS = 9   /* log(1 + e^x), x itself above 20 */
};

/**
 * y[i] = f(x[i]).
 *
 * @param x  [size], contiguous
 * @param y  [size], contiguous; may be x
 * @param function  one of the constants above
 * @param alpha  the parameter of leaky ReLU and ELU, unused otherwise
 * @return NTL_BAD_ARGUMENT for an unknown function
 *
 * Error: at most 3 ulp for ELU, sigmoid, tanh and softplus, 4 ulp for swish and both GELUs (for these plus 1e-7 absolute).
 * NaN gives NaN.
 */
NTL_API ntl_status ntl_activation_forward(ntl_context context, ntl_address x, ntl_address y, int64_t size,
                                          int32_t function, float alpha);

/**
 * dx[i] = dy[i] f'(x[i]), or dx[i] += ... with accumulate. The derivative of ReLU and its kin at 0 is the one for negative x,
 * as in PyTorch. Error: at most 8 ulp plus 2e-6 |dy|.
 *
 * @param x, y  argument and result of the forward pass, [size]
 * @param dy  [size]
 * @param dx  [size]; may be dy when accumulate is 0
 */
NTL_API ntl_status ntl_activation_backward(ntl_context context, ntl_address x, ntl_address y, ntl_address dy,
                                           ntl_address dx, int64_t size, int32_t function, float alpha,
                                           int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
