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
        Tensor parts = Arrangement.of(x, reduced).parts(x);
        boolean extreme = function == Function.MAX || function == Function.MIN;
        Shape results = parts.shape().without(1);
        if (extreme && parts.shape().dim(1) == 0 && results.size() > 0) {
            throw call.error("there is no " + (function == Function.MAX ? "maximum" : "minimum") + " of nothing");
        }
        Tensor y = call.result(dtype, shape(x.shape(), reduced, keepDims));
        ReduceKernel.TYPE.on(x).forward(parts, y.reshape(results), function, false);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (!gradients.wants(0)) {
            return;
        }
        Tensor x = call.input(0);
        Arrangement arrangement = Arrangement.of(x, reduced(call));
        Tensor parts = arrangement.parts(x);
        Shape flat = parts.shape().without(1);
        Tensor dx = Tensor.empty(x.device(), x.dtype(), parts.shape());
        ReduceKernel.TYPE.on(x).backward(parts, call.output().reshape(flat), dy.reshape(flat), dx, function, false);
        int[] order = arrangement.order();
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

    private static Shape shape(Shape x, boolean[] reduced, boolean keepDims) {
        long[] dims = IntStream.range(0, reduced.length)
                .filter(axis -> keepDims || !reduced[axis])
                .mapToLong(axis -> reduced[axis] ? 1 : x.dim(axis))
                .toArray();
        return Shape.of(dims);
    }

    /** An order of the axes in which those that are reduced follow one another, from one up to another. */
    private record Arrangement(int[] order, int from, int to) {

        /** They are last if no element need be moved for that, and else where the last of them is. */
        static Arrangement of(Tensor x, boolean... reduced) {
            Arrangement last = before(reduced.length, reduced);
            int to = reduced.length;
            while (to > 0 && !reduced[to - 1]) {
                to--;
            }
            return Axes.permute(x, last.order).isContiguous() ? last : before(to, reduced);
        }

        private static Arrangement before(int to, boolean... reduced) {
            int[] stay = IntStream.range(0, to).filter(i -> !reduced[i]).toArray();
            IntStream leave = IntStream.range(0, to).filter(i -> reduced[i]);
            IntStream order =
                    IntStream.concat(IntStream.concat(Arrays.stream(stay), leave), IntStream.range(to, reduced.length));
            return new Arrangement(order.toArray(), stay.length, to);
        }

        /** The elements as [outer, n, inner], contiguous. */
        Tensor parts(Tensor x) {
            Tensor view = Axes.permute(x, order);
            Shape shape = view.shape();
            return view.reshape(Shape.of(
                    Axes.extent(shape, 0, from), Axes.extent(shape, from, to), Axes.extent(shape, to, order.length)));
        }
    }
}
