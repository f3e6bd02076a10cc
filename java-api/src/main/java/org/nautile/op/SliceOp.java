package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;

/**
 * A part of an axis: a view of the elements start, start + step, ... below end.
 *
 * @param axis from 0, or from the end when negative
 * @param start the first index, {@code >= 0}
 * @param end the bound, {@code >= start}
 * @param step the step, {@code >= 1}
 */
public record SliceOp(int axis, long start, long end, long step) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param axis the axis
     * @param start the first index
     * @param end the bound
     * @param step the step
     */
    public SliceOp {
        if (start < 0 || end < start || step < 1) {
            throw new IllegalArgumentException("slice: from " + start + " to " + end + " by " + step);
        }
    }

    /**
     * Every element from start to before end.
     *
     * @param axis from 0, or from the end when negative
     * @param start the first index, {@code >= 0}
     * @param end the bound, {@code >= start}
     */
    public SliceOp(int axis, long start, long end) {
        this(axis, start, end, 1);
    }

    @Override
    public String name() {
        return "slice";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        if (end > x.shape().dim(axis)) {
            throw call.error("axis " + axis + " ends at " + x.shape().dim(axis) + ", the slice at " + end);
        }
        return part(x);
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (gradients.wants(0)) {
            boolean accumulate = gradients.accumulates(0); // other slices have written their parts
            Tensor dx = gradients.buffer(0);
            if (!accumulate) {
                dx.fill(0);
            }
            CopyKernel.TYPE.on(dx).forward(dy, part(dx), true);
        }
    }

    private Tensor part(Tensor x) {
        return Axes.part(x, x.shape().axis(axis), start, (end - start + step - 1) / step, step);
    }
}
