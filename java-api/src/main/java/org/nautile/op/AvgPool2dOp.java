package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.AvgPool2dKernel;
import org.nautile.backend.Window;

/**
 * The mean of each window: x [N, C, H, W], y [N, C, windows along H, windows along W]. As {@code
 * torch.nn.functional.avg_pool2d}.
 *
 * @param rows the windows along H, without dilation
 * @param cols the windows along W, without dilation
 * @param countPadding whether the zeros of the padding count as elements
 * @param divisor what a window's sum is divided by; 0 for the number of its elements
 */
public record AvgPool2dOp(Window rows, Window cols, boolean countPadding, long divisor) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param rows the windows along H
     * @param cols the windows along W
     * @param countPadding whether the padding counts
     * @param divisor 0 for the number of elements
     */
    public AvgPool2dOp {
        if (rows.dilation() != 1 || cols.dilation() != 1) {
            throw new IllegalArgumentException("avg_pool2d: windows have no dilation, here " + rows + " and " + cols);
        }
    }

    /**
     * Windows of which the padding is counted.
     *
     * @param rows the windows along H
     * @param cols the windows along W
     */
    public AvgPool2dOp(Window rows, Window cols) {
        this(rows, cols, true, 0);
    }

    /**
     * Square windows beside each other.
     *
     * @param kernel height and width of a window
     */
    public AvgPool2dOp(int kernel) {
        this(new Window(kernel), new Window(kernel));
    }

    @Override
    public String name() {
        return "avg_pool2d";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        return Pictures.forward(
                call,
                rows,
                cols,
                (x, y) -> AvgPool2dKernel.TYPE.on(x).forward(x, y, rows, cols, countPadding, divisor));
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Pictures.backward(
                call,
                dy,
                gradients,
                (g, dx, add) -> AvgPool2dKernel.TYPE.on(g).backward(g, dx, rows, cols, countPadding, divisor, add));
    }
}
