#ifndef NAUTILE_OP_FILL_H
#define NAUTILE_OP_FILL_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i] = value.
 *
 * @param y  [size], contiguous, elements of any type
 * @param element_size  bytes: 1, 4 or 8
 * @param bits  the value; its low bytes are the element's
 * @return NTL_BAD_ARGUMENT for another element size
 */
NTL_API ntl_status ntl_fill_forward(ntl_context context, ntl_address y, int64_t size, int32_t element_size,
                                    int64_t bits);

#ifdef __cplusplus
}
#endif
#endif
