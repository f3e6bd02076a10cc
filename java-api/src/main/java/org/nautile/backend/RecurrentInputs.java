package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/**
 * What a recurrent layer gets for a whole sequence: {@link LstmKernel}, {@link GruKernel} and {@link RnnKernel}, which have 4, 3
 * and 1 gates. All tensors are contiguous.
 *
 * @param x [steps, batch, inputs]
 * @param weightIh [gates hidden, inputs]
 * @param weightHh [gates hidden, hidden]
 * @param biasIh [gates hidden]; null, with biasHh, for none
 * @param biasHh [gates hidden]
 * @param h0 the first state [batch, hidden]; null for zeros
 * @param c0 the first cells [batch, hidden], of an LSTM; null for zeros
 * @param lengths int64 [batch], the steps of each sequence, past which its state stays and its y is 0; null for all of them
 * @param reverse whether each sequence is read from its last step to its first
 */
public record RecurrentInputs(
        Tensor x,
        Tensor weightIh,
        Tensor weightHh,
        @Nullable Tensor biasIh,
        @Nullable Tensor biasHh,
        @Nullable Tensor h0,
        @Nullable Tensor c0,
        @Nullable Tensor lengths,
        boolean reverse) {
    /**
     * The number of steps.
     *
     * @return {@code >= 1}
     */
    public long steps() {
        return x.shape().dim(0);
    }

    /**
     * The number of sequences.
     *
     * @return {@code >= 0}
     */
    public long batch() {
        return x.shape().dim(1);
    }

    /**
     * The number of features.
     *
     * @return {@code >= 0}
     */
    public long inputs() {
        return x.shape().dim(2);
    }

    /**
     * The number of units.
     *
     * @return {@code >= 1}
     */
    public long hidden() {
        return weightHh.shape().dim(1);
    }
}
