#ifndef NAUTILE_OP_LSTM_H
#define NAUTILE_OP_LSTM_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A layer of long short-term memory over a sequence. For each step t, with h and c the state after the step before:
 *
 *   i, f, o = sigmoid and g = tanh of x[t] weight_ih^T + bias_ih + h weight_hh^T + bias_hh, four blocks in the order i, f, g, o
 *   c = f c + i g,  y[t] = h = o tanh(c)
 *
 * Steps go from 0 up, or with reverse from the last down. Past the length of a sequence the state stays and y is 0: with
 * reverse, a sequence begins at its own last step.
 *
 * @param x  [steps,batch,inputs], contiguous like all others; steps >= 1
 * @param weight_ih  [4 hidden,inputs]
 * @param weight_hh  [4 hidden,hidden]
 * @param bias_ih, bias_hh  [4 hidden], or 0 for both
 * @param h0, c0  [batch,hidden], the first state; 0 for zeros
 * @param lengths  int64 [batch], the steps of each sequence; 0 for all of them
 * @param y  [steps,batch,hidden], or 0 if not wanted
 * @param hn, cn  [batch,hidden], the last state; hn may be y when steps is 1 and lengths 0
 * @param gates  [steps,batch,4 hidden], kept for the backward pass: i, f, g, o; 0 if there will be none
 * @param cells  [steps,batch,hidden], kept for the backward pass: c after each step; 0 with gates; may be cn where hn may be y
 * @return NTL_BAD_ARGUMENT for a length below 0 or above steps (row and value in ntl_last_error)
 *
 * Nothing that is written overlaps anything else. Sums in float32 as in ntl_matmul_forward, gates to 2 ulp: errors of 1e-6,
 * and 5e-6 after 100 steps, for weights of order 1 / sqrt(hidden).
 * Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000 (the forget gate).
 */
NTL_API ntl_status ntl_lstm_forward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                                    ntl_address bias_ih, ntl_address bias_hh, ntl_address h0, ntl_address c0,
                                    ntl_address lengths, ntl_address y, ntl_address hn, ntl_address cn,
                                    ntl_address gates, ntl_address cells, int64_t steps, int64_t batch, int64_t inputs,
                                    int64_t hidden, int32_t reverse);

/**
 * The gradients of the forward pass, through all steps (not truncated).
 *
 * @param x, weight_ih, weight_hh, h0, c0, lengths  as in the forward pass
 * @param y, gates, cells  what it wrote
 * @param dy, dhn, dcn  as y, hn, cn; 0 for zeros. What dy holds past the length of a sequence does not matter
 * @param dx, dweight_ih, dweight_hh, dbias_ih, dbias_hh, dh0, dc0  as what they are the gradients by; 0 for what is not wanted
 * @param accumulate  bit i: the i-th of the gradients, as they are listed here, is added to what is there
 *
 * The gradients by the biases are summed in double. Errors 2e-5 after 100 steps.
 */
NTL_API ntl_status ntl_lstm_backward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                                     ntl_address h0, ntl_address c0, ntl_address lengths, ntl_address y,
                                     ntl_address gates, ntl_address cells, ntl_address dy, ntl_address dhn,
                                     ntl_address dcn, ntl_address dx, ntl_address dweight_ih, ntl_address dweight_hh,
                                     ntl_address dbias_ih, ntl_address dbias_hh, ntl_address dh0, ntl_address dc0,
                                     int64_t steps, int64_t batch, int64_t inputs, int64_t hidden, int32_t reverse,
                                     int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
