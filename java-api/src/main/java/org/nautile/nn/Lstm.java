package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.op.LstmOp;
import org.nautile.op.Op;

/**
 * Layers of long short-term memory, {@code torch.nn.LSTM}, without projections: see {@link Recurrent}, and
 * {@link LstmOp} for the formulas; G = 4.
 */
public final class Lstm extends Recurrent {
    /**
     * One layer, in one direction.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param random draws the first weights
     */
    public Lstm(int inputs, int hidden, Generator random) {
        this(inputs, hidden, new Options(), random);
    }

    /**
     * Layers.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units of each layer and direction, {@code >= 1}
     * @param options what may be chosen
     * @param random draws the first weights
     */
    public Lstm(int inputs, int hidden, Options options, Generator random) {
        super(4, true, inputs, hidden, options, random);
    }

    /**
     * All layers.
     *
     * @param x [T, B, F], or [B, T, F] with batchFirst
     * @param h0 the first state [L D, B, H]; null, with c0, for zeros
     * @param c0 the first cells [L D, B, H]
     * @param lengths int64 [B], the steps of each sequence, past which its y is 0; null if all have T
     * @return y and the last state
     * @throws org.nautile.ShapeException if shapes, types or devices do not fit
     */
    public Result apply(Tensor x, @Nullable Tensor h0, @Nullable Tensor c0, @Nullable Tensor lengths) {
        return run(x, h0, c0, lengths);
    }

    @Override
    Op op(boolean reverse, boolean bias, boolean state, boolean lengths) {
        return new LstmOp(reverse, bias, state, lengths);
    }
}
