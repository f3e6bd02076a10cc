#ifndef NAUTILE_OP_WHERE_H
#define NAUTILE_OP_WHERE_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i,j,k,l] = condition[i,j,k,l] != 0 ? a[i,j,k,l] : b[i,j,k,l].
 *
 * @param condition  uint8 at steps c0..c3; a step of 0 repeats the element along that axis
 * @param a, b  float32 at steps a0..a3 and b0..b3
 * @param y  [n0,n1,n2,n3], contiguous; may be a or b if that has the same layout
 *
 * Exact. The gradient by a is where(condition, dy, 0), that by b where(condition, 0, dy), summed over repetitions.
 */
NTL_API ntl_status ntl_where_forward(ntl_context context, ntl_address condition, ntl_address a, ntl_address b,
                                     ntl_address y, int64_t n0, int64_t n1, int64_t n2, int64_t n3, int64_t c0,
                                     int64_t c1, int64_t c2, int64_t c3, int64_t a0, int64_t a1, int64_t a2, int64_t a3,
                                     int64_t b0, int64_t b1, int64_t b2, int64_t b3);

#ifdef __cplusplus
}
#endif
#endif
