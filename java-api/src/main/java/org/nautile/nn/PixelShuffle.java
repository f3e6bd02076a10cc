package org.nautile.nn;

import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.Squeeze2dOp;

/**
 * The inverse of {@link PixelUnshuffle}: k k channels of a pixel become a square of k x k pixels, [N, C, H, W] becomes [N, C / k / k,
 * H k, W k].
 */
public final class PixelShuffle extends Module {
    private final Squeeze2dOp op;

    /**
     * A layer.
     *
     * @param factor k
     */
    public PixelShuffle(int factor) {
        op = new Squeeze2dOp(factor, true);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, x);
    }

    @Override
    protected String describe() {
        return "PixelShuffle(" + op.factor() + ")";
    }
}
