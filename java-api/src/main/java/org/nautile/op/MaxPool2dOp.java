package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Tensor;
import org.nautile.backend.MaxPool2dKernel;
import org.nautile.backend.Window;

/**
 * The largest element of each window: x [N, C, H, W], y [N, C, windows along H, windows along W]. The gradient of a window goes
 * to the element that was taken, the first of equal ones; NaN is taken before any number. As {@code
 * torch.nn.functional.max_pool2d}. With a backward pass to come, a window has at most 256 places.
 *
 * @param rows the windows along H
 * @param cols the windows along W
 */
public record MaxPool2dOp(Window rows, Window cols) implements Op {
    private static final List<String> INPUTS = List.of("x");
    private static final int MOST_PLACES = 256; // one byte for the place of the largest element

    /**
     * Square windows beside each other.
     *
     * @param kernel height and width of a window
     */
    public MaxPool2dOp(int kernel) {
        this(new Window(kernel), new Window(kernel));
    }

    @Override
    public String name() {
        return "max_pool2d";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        boolean record = call.recording();
        if (record && (long) rows.kernel() * cols.kernel() > MOST_PLACES) {
            throw call.error("windows with a gradient have at most " + MOST_PLACES + " places, here " + rows.kernel()
                    + " x " + cols.kernel());
        }
        return Pictures.forward(call, rows, cols, (x, y) -> {
            Tensor places = record ? Tensor.emptyChannelsLast(x.device(), DType.UINT8, y.shape()) : null;
            MaxPool2dKernel.TYPE.on(x).forward(x, y, places, rows, cols);
            if (places != null) {
                call.save(places);
            }
        });
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Pictures.backward(
                call,
                dy,
                gradients,
                (g, dx, add) -> MaxPool2dKernel.TYPE.on(g).backward(call.saved(0), g, dx, rows, cols, add));
    }
}
