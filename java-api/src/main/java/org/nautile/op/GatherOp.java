package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.GatherKernel;

/**
 * Elements along an axis by their numbers, as {@code torch.gather}: for the middle one of three axes, {@code y[i, j, k] = x[i,
 * index[i, j, k], k]}. The index is int64, has x's rank and, but for the axis, at most x's extents; y has its shape. The gradient
 * of an element is the sum over its uses.
 *
 * @param axis from 0, or from the end when negative
 */
public record GatherOp(int axis) implements Op {
    private static final List<String> INPUTS = List.of("x", "index");

    @Override
    public String name() {
        return "gather";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        Tensor index = call.input(1);
        if (!x.dtype().isFloating() || index.dtype() != DType.INT64) {
            throw call.error("x must be floating and index int64");
        }
        int rank = x.shape().rank();
        boolean fits = index.shape().rank() == rank;
        int along = x.shape().axis(axis);
        for (int i = 0; i < rank && fits; i++) {
            fits = i == along || index.shape().dim(i) <= x.shape().dim(i);
        }
        if (!fits) {
            throw call.error("index must have x's rank and, but for axis " + axis + ", at most its extents");
        }
        Tensor y = call.result(x.dtype(), index.shape());
        GatherKernel.TYPE.on(x).forward(lines(used(x, index, along), along), lines(index, along), lines(y, along));
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (!gradients.wants(0)) {
            return;
        }
        Tensor x = call.input(0);
        int along = x.shape().axis(axis);
        Tensor index = lines(call.input(1), along);
        Shape used = used(x, call.input(1), along).shape();
        if (used.equals(x.shape())) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.buffer(0);
            GatherKernel.TYPE.on(x).backward(index, lines(dy, along), lines(dx, along), accumulate);
            return;
        }
        Tensor part = Tensor.empty(x.device(), x.dtype(), used);
        GatherKernel.TYPE.on(x).backward(index, lines(dy, along), lines(part, along), false);
        Tensor dx = Tensor.full(x.device(), x.dtype(), x.shape(), 0);
        used(dx, call.input(1), along).copyFrom(part);
        gradients.add(0, dx);
    }

    /** The part of x that the index can reach: a view with the index's extents, but for the axis. */
    private static Tensor used(Tensor x, Tensor index, int along) {
        Shape shape = index.shape().with(along, x.shape().dim(along));
        return x.view(shape, x.offset(), x.strides());
    }

    /** The elements as [outer, n, inner]. */
    private static Tensor lines(Tensor x, int along) {
        return x.reshape(Axes.around(x.shape(), along));
    }
}
