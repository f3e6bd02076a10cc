package org.nautile.nn;

import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Window;
import org.nautile.op.MaxPool2dOp;

/** A layer that keeps the largest element of each window: [N, C, H, W] becomes [N, C, windows along H, windows along W]. */
public final class MaxPool2d extends Module {
    private final MaxPool2dOp op;

    /**
     * Square windows beside each other.
     *
     * @param kernel height and width of a window
     */
    public MaxPool2d(int kernel) {
        op = new MaxPool2dOp(kernel);
    }

    /**
     * Square windows.
     *
     * @param kernel height and width of a window
     * @param stride from one window to the next
     * @param padding around the picture, at most half a window
     */
    public MaxPool2d(int kernel, int stride, int padding) {
        Window window = new Window(kernel, stride, padding);
        op = new MaxPool2dOp(window, window);
    }

    /**
     * Any windows: with dilation, rounded up, or not square.
     *
     * @param rows the windows along H
     * @param cols the windows along W
     */
    public MaxPool2d(Window rows, Window cols) {
        op = new MaxPool2dOp(rows, cols);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, x);
    }

    @Override
    protected String describe() {
        return "MaxPool2d(" + op.rows().kernel() + " x " + op.cols().kernel() + ")";
    }
}
