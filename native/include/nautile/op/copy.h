#ifndef NAUTILE_OP_COPY_H
#define NAUTILE_OP_COPY_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i,j,k,l] = x[i,j,k,l], or y[i,j,k,l] += x[i,j,k,l] with accumulate.
 *
 * @param x  elements at steps x0..x3; a step of 0 repeats
 * @param y  elements at steps y0..y3, none of them twice; does not overlap x
 * @param element_size  bytes: 1, 4 or 8
 * @param accumulate  for float32 alone
 * @return NTL_BAD_ARGUMENT for another element size, or accumulate with other than 4 bytes
 */
NTL_API ntl_status ntl_copy_forward(ntl_context context, ntl_address x, ntl_address y, int64_t n0, int64_t n1,
                                    int64_t n2, int64_t n3, int64_t x0, int64_t x1, int64_t x2, int64_t x3, int64_t y0,
                                    int64_t y1, int64_t y2, int64_t y3, int32_t element_size, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
