#ifndef NAUTILE_OP_GRU_H
#define NAUTILE_OP_GRU_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A layer of gated recurrent units over a sequence. For each step t, with h the state after the step before, and the rows of
 * the weights and biases in three blocks r, z, n:
 *
 *   r, z = sigmoid of x[t] weight_ih^T + bias_ih + h weight_hh^T + bias_hh
 *   n = tanh(x[t] weight_ih^T + bias_ih + r (h weight_hh^T + bias_hh))
 *   y[t] = h = (1 - z) n + z h
 *
 * @param x, weight_ih [3 hidden,inputs], weight_hh [3 hidden,hidden], bias_ih, bias_hh [3 hidden], h0, lengths, y, hn, steps,
 *        batch, inputs, hidden, reverse  as in ntl_lstm_forward
 * @param gates  [steps,batch,4 hidden], kept for the backward pass: r, z, n, and h weight_hh^T + bias_hh of n; 0 if there will
 *        be none
 * @return as ntl_lstm_forward
 *
 * Errors as ntl_lstm_forward. Source: Cho et al. 2014, arXiv:1406.1078, with the reset gate behind the product as in cuDNN.
 */
NTL_API ntl_status ntl_gru_forward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                                   ntl_address bias_ih, ntl_address bias_hh, ntl_address h0, ntl_address lengths,
                                   ntl_address y, ntl_address hn, ntl_address gates, int64_t steps, int64_t batch,
                                   int64_t inputs, int64_t hidden, int32_t reverse);

/** The gradients of the forward pass; parameters and errors as in ntl_lstm_backward. */
NTL_API ntl_status ntl_gru_backward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                                    ntl_address h0, ntl_address lengths, ntl_address y, ntl_address gates,
                                    ntl_address dy, ntl_address dhn, ntl_address dx, ntl_address dweight_ih,
                                    ntl_address dweight_hh, ntl_address dbias_ih, ntl_address dbias_hh, ntl_address dh0,
                                    int64_t steps, int64_t batch, int64_t inputs, int64_t hidden, int32_t reverse,
                                    int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
