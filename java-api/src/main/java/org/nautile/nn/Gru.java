package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.op.GruOp;
import org.nautile.op.Op;

/**
 * Layers of gated recurrent units, {@code torch.nn.GRU}: see {@link Recurrent}, and
 * {@link GruOp} for the formulas; G = 3.
 */
public final class Gru extends Recurrent {
    /**
     * One layer, in one direction.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param random draws the first weights
     */
    public Gru(int inputs, int hidden, Generator random) {
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
    public Gru(int inputs, int hidden, Options options, Generator random) {
        super(3, false, inputs, hidden, options, random);
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
        return new GruOp(reverse, bias, state, lengths);
    }
}
