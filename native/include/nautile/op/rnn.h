#ifndef NAUTILE_OP_RNN_H
#define NAUTILE_OP_RNN_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a unit of ntl_rnn_forward does with its sum. */
enum { NTL_NONLINEARITY_TANH = 0, NTL_NONLINEARITY_RELU = 1 };

/**
 * A plain recurrent layer over a sequence: y[t] = h = f(x[t] weight_ih^T + bias_ih + h weight_hh^T + bias_hh) for each step t,
 * with h the state after the step before.
 *
 * @param x, weight_ih [hidden,inputs], weight_hh [hidden,hidden], bias_ih, bias_hh [hidden], h0, lengths, y, hn, steps, batch,
 *        inputs, hidden, reverse  as in ntl_lstm_forward
 * @param nonlinearity  f, one of the constants above
 * @return as ntl_lstm_forward, and NTL_BAD_ARGUMENT for an unknown nonlinearity
 *
 * Errors as ntl_lstm_forward; with ReLU they may grow from step to step, as the state does. Source: Elman 1990.
 */
NTL_API ntl_status ntl_rnn_forward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                                   ntl_address bias_ih, ntl_address bias_hh, ntl_address h0, ntl_address lengths,
                                   ntl_address y, ntl_address hn, int64_t steps, int64_t batch, int64_t inputs,
                                   int64_t hidden, int32_t nonlinearity, int32_t reverse);

/** The gradients of the forward pass; parameters and errors as in ntl_lstm_backward. The derivative of ReLU at 0 is 0. */
NTL_API ntl_status ntl_rnn_backward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                                    ntl_address h0, ntl_address lengths, ntl_address y, ntl_address dy, ntl_address dhn,
                                    ntl_address dx, ntl_address dweight_ih, ntl_address dweight_hh,
                                    ntl_address dbias_ih, ntl_address dbias_hh, ntl_address dh0, int64_t steps,
                                    int64_t batch, int64_t inputs, int64_t hidden, int32_t nonlinearity,
                                    int32_t reverse, int32_t accumulate);

#ifdef __cplusplus
}
#endif
#endif
