package org.nautile.nn;

import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Window;
import org.nautile.op.AvgPool2dOp;

/** A layer that takes the mean of each window: [N, C, H, W] becomes [N, C, windows along H, windows along W]. */
public final class AvgPool2d extends Module {
    private final AvgPool2dOp op;

    /**
     * Square windows beside each other.
     *
     * @param kernel height and width of a window
     */
    public AvgPool2d(int kernel) {
        op = new AvgPool2dOp(kernel);
    }

    /**
     * Square windows, the zeros of the padding counted.
     *
     * @param kernel height and width of a window
     * @param stride from one window to the next
     * @param padding around the picture, at most half a window
     */
    public AvgPool2d(int kernel, int stride, int padding) {
        Window window = new Window(kernel, stride, padding);
        op = new AvgPool2dOp(window, window);
    }

    /**
     * Any windows.
     *
     * @param rows the windows along H
     * @param cols the windows along W
     * @param countPadding whether the zeros of the padding count, as they do by default
     * @param divisor what a window's sum is divided by; 0, the default, for the number of its elements
     */
    public AvgPool2d(Window rows, Window cols, boolean countPadding, long divisor) {
        op = new AvgPool2dOp(rows, cols, countPadding, divisor);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, x);
    }

    @Override
    protected String describe() {
        return "AvgPool2d(" + op.rows().kernel() + " x " + op.cols().kernel() + ")";
    }
}
