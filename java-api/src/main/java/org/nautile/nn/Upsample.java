package org.nautile.nn;

import java.util.Locale;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.UpsampleKernel.Mode;
import org.nautile.op.UpsampleOp;

/** A layer that makes pictures larger: [N, C, H, W] becomes [N, C, H', W']. */
public final class Upsample extends Module {
    private final UpsampleOp op;

    /**
     * Larger by a factor, each pixel repeated.
     *
     * @param factor for height and width
     */
    public Upsample(double factor) {
        this(factor, Mode.NEAREST);
    }

    /**
     * Larger by a factor.
     *
     * @param factor for height and width
     * @param mode what is put between the pixels
     */
    public Upsample(double factor, Mode mode) {
        op = new UpsampleOp(mode, factor);
    }

    /**
     * Of a given size.
     *
     * @param height the new height
     * @param width the new width
     * @param mode what is put between the pixels
     */
    public Upsample(long height, long width, Mode mode) {
        op = new UpsampleOp(mode, new UpsampleOp.Extent(height, 0), new UpsampleOp.Extent(width, 0));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, x);
    }

    @Override
    protected String describe() {
        return "Upsample(" + op.mode().name().toLowerCase(Locale.ROOT) + ")";
    }
}
