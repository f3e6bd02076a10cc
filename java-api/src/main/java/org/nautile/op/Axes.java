package org.nautile.op;

import java.util.stream.IntStream;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.ReduceKernel;

/** What the ops that work along some axes share. */
final class Axes {
    private Axes() {}

    /** A view with the axes in another order: axis i of the view is axis order[i] of x. */
    static Tensor permute(Tensor x, int... order) {
        long[] dims = new long[order.length];
        long[] strides = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            dims[i] = x.shape().dim(order[i]);
            strides[i] = x.stride(order[i]);
        }
        return x.view(Shape.of(dims), x.offset(), strides);
    }

    /** The order that undoes an order. */
    static int[] inverse(int... order) {
        int[] inverse = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[order[i]] = i;
        }
        return inverse;
    }

    /** The order in which one axis has moved to the end. */
    static int[] toLast(int rank, int axis) {
        return IntStream.concat(IntStream.range(0, rank).filter(i -> i != axis), IntStream.of(axis))
                .toArray();
    }

    /** The product of the extents of some axes, from one up to another. */
    static long extent(Shape shape, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= shape.dim(i);
        }
        return product;
    }

    /** A tensor as a matrix, with so many of its last axes as columns: a view if it is contiguous, or else a copy. */
    static Tensor matrix(Tensor x, int columns) {
        int rank = x.shape().rank();
        int rows = rank - columns;
        return x.reshape(Shape.of(extent(x.shape(), 0, rows), extent(x.shape(), rows, rank)));
    }

    /** A part of an axis, a view: so many lines from one on. */
    static Tensor part(Tensor x, int axis, long start, long count) {
        return part(x, axis, start, count, 1);
    }

    /** Lines of an axis, each so many steps behind the last. */
    static Tensor part(Tensor x, int axis, long start, long count, long step) {
        long[] strides = x.strides();
        long offset = x.offset() + (count > 0 && x.size() > 0 ? start * strides[axis] : 0);
        strides[axis] *= step;
        return x.view(x.shape().with(axis, count), offset, strides);
    }

    /** One line of an axis, a view without the axis. */
    static Tensor line(Tensor x, int axis, long index) {
        long[] all = x.strides();
        long[] strides = new long[all.length - 1];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = all[i < axis ? i : i + 1];
        }
        long offset = x.offset() + (x.size() > 0 ? index * all[axis] : 0);
        return x.view(x.shape().without(axis), offset, strides);
    }

    /** The shape [outer, n, inner] around an axis. */
    static Shape around(Shape shape, int axis) {
        return Shape.of(extent(shape, 0, axis), shape.dim(axis), extent(shape, axis + 1, shape.rank()));
    }

    /** The sum over the axes along which a shape was broadcast; the tensor itself if there are none. One pass for each run. */
    static Tensor sumTo(Tensor x, Shape shape) {
        Tensor sum = x;
        int rank = x.shape().rank();
        int axis = 0;
        while (axis < rank) {
            int end = axis;
            while (end < rank && repeated(x.shape(), shape, end)) {
                end++;
            }
            if (end > axis) {
                sum = sumOver(sum, axis, end);
            }
            axis = end + 1;
        }
        return sum.shape().equals(shape) ? sum : sum.reshape(shape);
    }

    /** Whether an axis of a broadcast shape is one along which the original was repeated. */
    private static boolean repeated(Shape broadcast, Shape original, int axis) {
        int extra = broadcast.rank() - original.rank();
        return axis < extra || (original.dim(axis - extra) == 1 && broadcast.dim(axis) != 1);
    }

    /** The sum over the axes from one up to another, whose extents become 1. */
    private static Tensor sumOver(Tensor x, int from, int to) {
        Shape result = x.shape();
        for (int axis = from; axis < to; axis++) {
            result = result.with(axis, 1);
        }
        long outer = extent(x.shape(), 0, from);
        long inner = extent(x.shape(), to, x.shape().rank());
        Tensor y = Tensor.empty(x.device(), x.dtype(), Shape.of(outer, inner));
        Tensor parts = x.reshape(Shape.of(outer, extent(x.shape(), from, to), inner));
        ReduceKernel.TYPE.on(x).forward(parts, y, ReduceKernel.Function.SUM, false);
        return y.reshape(result);
    }
}
