package org.nautile.nn;

import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Window;
import org.nautile.op.AvgPool2dOp;

/**
 * A layer that takes means so that pictures of any size become pictures of one size: [N, C, H, W] becomes [N, C, height, width].
 * H must be a multiple of the height and W of the width: all windows are then alike. 1 x 1 is global average pooling.
 */
public final class AdaptiveAvgPool2d extends Module {
    private final int height;
    private final int width;

    /**
     * A layer with square results.
     *
     * @param size height and width of the result
     */
    public AdaptiveAvgPool2d(int size) {
        this(size, size);
    }

    /**
     * A layer.
     *
     * @param height the height of the result
     * @param width the width of the result
     */
    public AdaptiveAvgPool2d(int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("AdaptiveAvgPool2d: " + height + " x " + width + " is empty");
        }
        this.height = height;
        this.width = width;
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape shape = x.shape();
        if (shape.rank() != 4 || shape.dim(2) % height != 0 || shape.dim(3) % width != 0 || shape.size() == 0) {
            throw new ShapeException("AdaptiveAvgPool2d: x is " + x + "; it must be [N,C,H,W] with H a multiple of "
                    + height + " and W of " + width);
        }
        Window rows = new Window(Math.toIntExact(shape.dim(2) / height));
        Window cols = new Window(Math.toIntExact(shape.dim(3) / width));
        return Autograd.apply(new AvgPool2dOp(rows, cols), x);
    }

    @Override
    protected String describe() {
        return "AdaptiveAvgPool2d(" + height + " x " + width + ")";
    }
}
