#ifndef NAUTILE_OP_ATTENTION_H
#define NAUTILE_OP_ATTENTION_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Scaled dot product attention: y[i] = sum_j w[i,j] v[j] with w[i,j] = exp(s[i,j] - m[i]) / sum_j exp(s[i,j] - m[i]),
 * s[i,j] = scale * q[i] k[j] and m[i] = max_j s[i,j], over the keys j that query i sees: those that the mask keeps, and with
 * causal the first i + 1. A query that sees no key gives zeros. Memory grows with queries + keys, not with their product.
 *
 * @param q  [batch,heads,queries,depth], depth >= 1; k [batch,heads,keys,depth], v [batch,heads,keys,width], width >= 1. Of
 *        each, the steps between neighbours in batch, head and row are given, in elements; columns follow one another
 * @param mask  uint8 [batch,keys], 0 for keys that no query sees; or 0 for none. k and v must be finite there, too
 * @param y  [batch,heads,queries,width], contiguous, or with heads_last [batch,queries,heads,width]; overlaps nothing
 * @param norms  [batch,heads,queries,2], kept for the backward pass: m[i] and 1 / sum_j exp(s[i,j] - m[i]); both 0 for a query
 *        that sees no key
 *
 * Weights below e^-88 of the largest count as 0. Sums in float32, over keys by parts of 128; error 1e-6 of the largest |v| for
 * scores of order 1, and growing with the scores' rounding errors where they are large.
 * Sources: Dao et al. 2022, arXiv:2205.14135; Milakov and Gimelshein 2018, arXiv:1805.02867.
 */
NTL_API ntl_status ntl_attention_forward(ntl_context context, ntl_address q, ntl_address k, ntl_address v,
                                         ntl_address mask, ntl_address y, ntl_address norms, int64_t batch,
                                         int64_t heads, int64_t queries, int64_t keys, int64_t depth, int64_t width,
                                         int64_t q_batch, int64_t q_head, int64_t q_row, int64_t k_batch,
                                         int64_t k_head, int64_t k_row, int64_t v_batch, int64_t v_head, int64_t v_row,
                                         int32_t heads_last, float scale, int32_t causal);

/**
 * dv[j] = sum_i w[i,j] dy[i], dq[i] = scale sum_j g[i,j] k[j], dk[j] = scale sum_i g[i,j] q[i] with
 * g[i,j] = w[i,j] (dy[i] v[j] - dy[i] y[i]); each is added to what is there with its accumulate. The weights are computed
 * again, block by block.
 *
 * @param q, k, v, mask, y, norms  as in the forward pass, y and norms its results
 * @param dy  as y
 * @param dq, dk, dv  as q, k and v but contiguous, or with heads_last [batch,rows,heads,columns]; 0 for what is not wanted
 *
 * Sums in float32, by parts of 128; error 2e-6 for upstream gradients and scores of order 1, growing with the root of the
 * number of terms.
 */
NTL_API ntl_status ntl_attention_backward(ntl_context context, ntl_address q, ntl_address k, ntl_address v,
                                          ntl_address mask, ntl_address y, ntl_address norms, ntl_address dy,
                                          ntl_address dq, ntl_address dk, ntl_address dv, int64_t batch, int64_t heads,
                                          int64_t queries, int64_t keys, int64_t depth, int64_t width, int64_t q_batch,
                                          int64_t q_head, int64_t q_row, int64_t k_batch, int64_t k_head, int64_t k_row,
                                          int64_t v_batch, int64_t v_head, int64_t v_row, int32_t heads_last,
                                          float scale, int32_t causal, int32_t accumulate_dq, int32_t accumulate_dk,
                                          int32_t accumulate_dv);

#ifdef __cplusplus
}
#endif
#endif
