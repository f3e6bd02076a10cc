#ifndef NAUTILE_OP_UNARY_H
#define NAUTILE_OP_UNARY_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of ntl_unary_forward. */
enum {
  NTL_EXP = 0,
  NTL_LOG = 1,
  NTL_SQRT = 2,
  NTL_RSQRT = 3, /* 1 / sqrt x */
  NTL_ABS = 4,
  NTL_NEG = 5,
  NTL_SQUARE = 6,
  NTL_RECIPROCAL = 7,
  NTL_SIN = 8,
  NTL_COS = 9,
  NTL_SIGN = 10, /* -1, 0 or 1; 0 for NaN, as in PyTorch */
  NTL_FLOOR = 11,
  NTL_CLAMP = 12 /* low for x < low, then high for more than high */
};

/**
 * y[i] = f(x[i]).
 *
 * @param x  [size], contiguous
 * @param y  [size], contiguous; may be x
 * @param function  one of the constants above
 * @param low, high  the parameters of clamp, unused otherwise
 * @return NTL_BAD_ARGUMENT for an unknown function
 *
 * Error: at most 2 ulp for exp, log, sin, cos and rsqrt, over all x; the others are rounded once, or exact. NaN gives NaN, but
 * for the sign.
 */
NTL_API ntl_status ntl_unary_forward(ntl_context context, ntl_address x, ntl_address y, int64_t size, int32_t function,
                                     float low, float high);

/**
 * dx[i] = dy[i] f'(x[i]), or dx[i] += ... with accumulate. As in PyTorch: the derivative of abs is the sign, those of sign and
 * floor are 0, and that of clamp is 1 from low to high, both included, and 0 elsewhere. Error: at most 8 ulp for rsqrt, 4 ulp
 * for the others.
 *
 * @param x, y  argument and result of the forward pass, [size]
 * @param dy  [size]
 * @param dx  [size]; may be dy when accumulate is 0
 */
NTL_API ntl_status ntl_unary_backward(ntl_context context, ntl_address x, ntl_address y, ntl_address dy, ntl_address dx,
                                      int64_t size, int32_t function, float low, float high, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
