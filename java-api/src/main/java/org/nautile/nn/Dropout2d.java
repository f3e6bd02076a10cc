package org.nautile.nn;

import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.BinaryOp;
import org.nautile.op.DropoutOp;

/**
 * {@link Dropout} of whole channels: all pixels of a channel of x {@code [N, C, H, W]} are kept or dropped together. Tompson et
 * al. 2015, arXiv:1411.4280.
 */
public final class Dropout2d extends Module {
    private static final BinaryOp MULTIPLY = new BinaryOp(BinaryKernel.Function.MUL);

    private final DropoutOp op;
    private final Buffer position;

    /**
     * A layer that drops one half.
     *
     * @param random draws the seed of the masks
     */
    public Dropout2d(Generator random) {
        this(0.5, random);
    }

    /**
     * A layer.
     *
     * @param p the probability that a channel is dropped, from 0 to 1
     * @param random draws the seed of the masks
     */
    public Dropout2d(double p, Generator random) {
        op = Dropout.op(p, random);
        position = buffer(Dropout.start());
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() != 4) {
            throw new ShapeException("Dropout2d: x is " + x + ", [N,C,H,W] is expected");
        }
        if (!training()) {
            return x;
        }
        Shape channels = Shape.of(x.shape().dim(0), x.shape().dim(1), 1, 1);
        Tensor ones = Tensor.full(x.device(), x.dtype(), channels, 1);
        return Autograd.apply(MULTIPLY, x, op.apply(ones, position.value()));
    }

    @Override
    protected String describe() {
        return "Dropout2d(p=" + op.p() + ")";
    }
}
