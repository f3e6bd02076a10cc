package org.nautile.op;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.ReduceKernel.Function;

/**
 * Sum, mean, maximum or minimum along axes. Maximum and minimum pass their gradient to the first element that is the extreme,
 * in row order; NaN is the extreme of everything.
 *
 * @param function the function
 * @param axes the axes, from 0 or from the end when negative; none for all
 * @param keepDims whether the reduced axes stay, with extent 1
 */
public record ReduceOp(Function function, List<Integer> axes, boolean keepDims) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param function the function
     * @param axes the axes
     * @param keepDims whether the reduced axes stay
     */
    public ReduceOp {
        axes = List.copyOf(axes);
    }

    /**
     * Reduces everything to a scalar.
     *
     * @param function the function
     * @return the op
     */
    public static ReduceOp all(Function function) {
        return new ReduceOp(function, List.of(), false);
    }

    /**
     * Reduces one axis, which disappears.
     *
     * @param function the function
     * @param axis from 0, or from the end when negative
     * @return the op
     */
    public static ReduceOp along(Function function, int axis) {
        return new ReduceOp(function, List.of(axis), false);
    }

    @Override
    public String name() {
        return "reduce";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        DType dtype = call.floating();
        Tensor x = call.input(0);
        boolean[] reduced = reduced(call);
        Tensor parts = arrange(x, reduced);
        boolean extreme = function == Function.MAX || function == Function.MIN;
        if (extreme && parts.shape().dim(1) == 0 && parts.shape().dim(0) > 0) {
            throw call.error("there is no " + (function == Function.MAX ? "maximum" : "minimum") + " of nothing");
        }
        Tensor y = call.result(dtype, shape(x.shape(), reduced, keepDims));
        Tensor flat = y.reshape(Shape.of(parts.shape().dim(0), 1));
        ReduceKernel.TYPE.on(x).forward(parts, flat, function, false);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (!gradients.wants(0)) {
            return;
        }
        Tensor x = call.input(0);
        boolean[] reduced = reduced(call);
        Tensor parts = arrange(x, reduced);
        Shape flat = Shape.of(parts.shape().dim(0), 1);
        Tensor dx = Tensor.empty(x.device(), x.dtype(), parts.shape());
        ReduceKernel.TYPE.on(x).backward(parts, call.output().reshape(flat), dy.reshape(flat), dx, function, false);
        int[] order = order(reduced);
        long[] dims = Arrays.stream(order).mapToLong(x.shape()::dim).toArray();
        gradients.add(0, Axes.permute(dx.reshape(Shape.of(dims)), Axes.inverse(order)));
    }

    private boolean[] reduced(Call call) {
        Shape shape = call.input(0).shape();
        boolean[] reduced = new boolean[shape.rank()];
        if (axes.isEmpty()) {
            Arrays.fill(reduced, true);
        }
        for (int axis : axes) {
            int index = shape.axis(axis);
            if (reduced[index]) {
                throw call.error("axis " + axis + " is named twice");
            }
            reduced[index] = true;
        }
        return reduced;
    }

    /** The axes that stay, then those that are reduced. */
    private static int[] order(boolean... reduced) {
        return IntStream.concat(
                        IntStream.range(0, reduced.length).filter(i -> !reduced[i]),
                        IntStream.range(0, reduced.length).filter(i -> reduced[i]))
                .toArray();
    }

    /** The elements as [results, n, 1], contiguous. */
    private static Tensor arrange(Tensor x, boolean... reduced) {
        long n = 1;
        long results = 1;
        for (int axis = 0; axis < reduced.length; axis++) {
            if (reduced[axis]) {
                n *= x.shape().dim(axis);
            } else {
                results *= x.shape().dim(axis);
            }
        }
        return Axes.permute(x, order(reduced)).reshape(Shape.of(results, n, 1));
    }

    private static Shape shape(Shape x, boolean[] reduced, boolean keepDims) {
        long[] dims = IntStream.range(0, reduced.length)
                .filter(axis -> keepDims || !reduced[axis])
                .mapToLong(axis -> reduced[axis] ? 1 : x.dim(axis))
                .toArray();
        return Shape.of(dims);
    }
}
