package org.nautile.nn;

import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.Squeeze2dOp;

/**
 * Invertible pooling, also called squeeze: every square of k x k pixels becomes one pixel, [N, C, H, W] becomes [N, C k k, H / k, W
 * / k]. {@link PixelShuffle} undoes it.
 */
public final class PixelUnshuffle extends Module {
    private final Squeeze2dOp op;

    /**
     * A layer.
     *
     * @param factor k
     */
    public PixelUnshuffle(int factor) {
        op = new Squeeze2dOp(factor, false);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, x);
    }

    @Override
    protected String describe() {
        return "PixelUnshuffle(" + op.factor() + ")";
    }
}
