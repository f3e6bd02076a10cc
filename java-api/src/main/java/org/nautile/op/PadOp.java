package org.nautile.op;

import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;

/**
 * Makes a tensor longer along an axis, at both ends. Every line of the border is a copy, and its gradient is added to that of
 * the line it was copied from, the lines before the tensor first.
 *
 * @param mode what the border holds
 * @param value what it holds where mode is {@link Mode#CONSTANT}
 * @param axis from 0, or from the end when negative
 * @param before lines at the start, {@code >= 0}
 * @param after lines at the end, {@code >= 0}
 */
public record PadOp(Mode mode, double value, int axis, int before, int after) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /** What a border holds; for a line 1 2 3 4 and two more at each end. */
    public enum Mode {
        /** A number: 0 0 1 2 3 4 0 0. */
        CONSTANT,
        /** The lines next to the first and the last: 3 2 1 2 3 4 3 2. */
        REFLECT,
        /** The first and the last line: 1 1 1 2 3 4 4 4. */
        REPLICATE,
        /** The lines from the other end: 3 4 1 2 3 4 1 2. */
        CIRCULAR
    }

    /**
     * Checks the numbers.
     *
     * @param mode the mode
     * @param value the number
     * @param axis the axis
     * @param before lines
     * @param after lines
     */
    public PadOp {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException("pad: " + before + " and " + after + " lines; at least 0 each");
        }
    }

    /**
     * A border of copies.
     *
     * @param mode what it holds
     * @param axis from 0, or from the end when negative
     * @param before lines at the start
     * @param after lines at the end
     */
    public PadOp(Mode mode, int axis, int before, int after) {
        this(mode, 0, axis, before, after);
    }

    @Override
    public String name() {
        return "pad";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        int index = x.shape().axis(axis);
        long extent = x.shape().dim(index);
        long most = switch (mode) {
            case CONSTANT -> Long.MAX_VALUE;
            case REFLECT -> extent - 1;
            case REPLICATE -> extent > 0 ? Long.MAX_VALUE : 0;
            case CIRCULAR -> extent;
        };
        if (Math.max(before, after) > most) {
            throw call.error(
                    "a border of " + before + " and " + after + " lines (" + mode + ") is too wide for axis " + axis);
        }
        Shape shape = x.shape().with(index, before + extent + after);
        Tensor y = x.isContiguous() || !x.isChannelsLast()
                ? call.result(x.dtype(), shape)
                : call.resultOfPictures(x.dtype(), shape);
        Axes.part(y, index, before, extent).copyFrom(x);
        if (mode == Mode.CONSTANT) {
            fill(Axes.part(y, index, 0, before));
            fill(Axes.part(y, index, before + extent, after));
        } else {
            for (long line = 0; line < before + after; line++) {
                long place = line < before ? line : line + extent;
                Axes.part(y, index, place, 1).copyFrom(Axes.part(x, index, source(place - before, extent), 1));
            }
        }
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (!gradients.wants(0)) {
            return;
        }
        int index = dy.shape().axis(axis);
        long extent = dy.shape().dim(index) - before - after;
        boolean accumulate = gradients.accumulates(0);
        Tensor dx = gradients.denseBuffer(0);
        CopyKernel kernel = CopyKernel.TYPE.on(dy);
        kernel.forward(Axes.part(dy, index, before, extent), dx, accumulate);
        for (long line = 0; line < before + after && mode != Mode.CONSTANT; line++) {
            long place = line < before ? line : line + extent;
            Tensor from = Axes.part(dy, index, place, 1);
            kernel.forward(from, Axes.part(dx, index, source(place - before, extent), 1), true);
        }
    }

    /** The line of x that a line beside x is a copy of. */
    private long source(long line, long extent) {
        long last = extent - 1;
        return switch (mode) {
            case REFLECT -> line < 0 ? -line : 2 * last - line;
            case CIRCULAR -> Math.floorMod(line, extent);
            default -> Math.min(Math.max(line, 0), last);
        };
    }

    private void fill(Tensor border) {
        Tensor number = Tensor.full(border.device(), border.dtype(), Shape.SCALAR, value);
        border.copyFrom(number.view(
                border.shape(), number.offset(), new long[border.shape().rank()]));
    }
}
