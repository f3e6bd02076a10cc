package org.nautile.nn;

import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.DropoutOp;

/**
 * In training, sets each element to zero with probability p and multiplies the others by {@code 1 / (1 - p)}; in use, does
 * nothing. Any shape; y has x's. The mask is the same on every device, and another one in each forward pass.
 */
public final class Dropout extends Module {
    private final DropoutOp op;
    private final Buffer position;

    /**
     * A layer that drops one half.
     *
     * @param random draws the seed of the masks
     */
    public Dropout(Generator random) {
        this(0.5, random);
    }

    /**
     * A layer.
     *
     * @param p the probability that an element is dropped, from 0 to 1
     * @param random draws the seed of the masks
     */
    public Dropout(double p, Generator random) {
        op = op(p, random);
        position = buffer(start());
    }

    /** Masks with a seed of their own. */
    static DropoutOp op(double p, Generator random) {
        return new DropoutOp(p, (long) random.nextInt() << 32 | Integer.toUnsignedLong(random.nextInt()), 0);
    }

    /** The start of the stream of random bits. */
    static Tensor start() {
        return Tensor.of(Device.defaultDevice(), new long[] {0}, Shape.of(1));
    }

    @Override
    public Tensor forward(Tensor x) {
        return training() ? Autograd.apply(op, x, position.value()) : x;
    }

    @Override
    protected String describe() {
        return "Dropout(p=" + op.p() + ")";
    }
}
