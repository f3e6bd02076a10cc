package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.ArgmaxKernel;

/**
 * The place of the largest element along an axis, int64: the first of equals, and the first NaN if there is one. No gradient
 * passes through it.
 *
 * @param axis from 0, or from the end when negative
 * @param keepDims whether the axis stays, with extent 1
 */
public record ArgmaxOp(int axis, boolean keepDims) implements Op {
    private static final List<String> INPUTS = List.of("x");

    @Override
    public String name() {
        return "argmax";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        call.floating();
        Tensor x = call.input(0);
        int index = x.shape().axis(axis);
        Shape parts = Axes.around(x.shape(), index);
        if (parts.dim(1) == 0 && parts.dim(0) * parts.dim(2) > 0) {
            throw call.error("there is no maximum of nothing");
        }
        Shape shape = keepDims ? x.shape().with(index, 1) : x.shape().without(index);
        Tensor y = call.result(DType.INT64, shape);
        Tensor flat = y.reshape(Shape.of(parts.dim(0), parts.dim(2)));
        ArgmaxKernel.TYPE.on(x).forward(x.reshape(parts), flat);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        throw new UnsupportedOperationException("argmax has no gradient");
    }
}
