package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.backend.RnnKernel.Nonlinearity;
import org.nautile.op.Op;
import org.nautile.op.RnnOp;

/**
 * Plain recurrent layers, {@code torch.nn.RNN}: see {@link Recurrent}, and
 * {@link RnnOp} for the formulas; G = 1.
 */
public final class Rnn extends Recurrent {
    private final Nonlinearity nonlinearity;

    /**
     * One layer with tanh, in one direction.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param random draws the first weights
     */
    public Rnn(int inputs, int hidden, Generator random) {
        this(inputs, hidden, Nonlinearity.TANH, new Options(), random);
    }

    /**
     * Layers.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units of each layer and direction, {@code >= 1}
     * @param nonlinearity what a unit does with its sum
     * @param options what may be chosen
     * @param random draws the first weights
     */
    public Rnn(int inputs, int hidden, Nonlinearity nonlinearity, Options options, Generator random) {
        super(1, false, inputs, hidden, options, random);
        this.nonlinearity = nonlinearity;
    }

    /**
     * All layers.
     *
     * @param x [T, B, F], or [B, T, F] with batchFirst
     * @param h0 the first state [L D, B, H]; null for zeros
     * @param lengths int64 [B], the steps of each sequence, past which its y is 0; null if all have T
     * @return y and the last state
     * @throws org.nautile.ShapeException if shapes, types or devices do not fit
     */
    public Result apply(Tensor x, @Nullable Tensor h0, @Nullable Tensor lengths) {
        return run(x, h0, null, lengths);
    }

    @Override
    Op op(boolean reverse, boolean bias, boolean state, boolean lengths) {
        return new RnnOp(nonlinearity, reverse, bias, state, lengths);
    }
}
