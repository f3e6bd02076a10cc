#ifndef NAUTILE_OP_RANDOM_BITS_H
#define NAUTILE_OP_RANDOM_BITS_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i] = element offset + i of a stream of Philox4x32-10: word (offset + i) % 4 of the block with the counter
 * (low, high word of (offset + i) / 4, low, high word of stream) and the key (low, high word of seed).
 *
 * @param y  32-bit integers [size], contiguous
 * @param offset  >= 0
 *
 * Exact. Source: Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
NTL_API ntl_status ntl_random_bits_forward(ntl_context context, ntl_address y, int64_t size, int64_t seed,
                                           int64_t stream, int64_t offset);

#ifdef __cplusplus
}
#endif
#endif
