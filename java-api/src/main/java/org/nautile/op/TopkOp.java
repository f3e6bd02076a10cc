package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.TopkKernel;

/**
 * The places of the k largest elements along an axis, int64, the largest first: of equals the first, and NaN before everything.
 * The elements themselves, with their gradient, are {@code new GatherOp(axis)} of x and the result. No gradient passes through
 * the places.
 *
 * @param k how many, {@code >= 1}; the extent of the axis in the result
 * @param axis from 0, or from the end when negative
 */
public record TopkOp(long k, int axis) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param k how many
     * @param axis the axis
     */
    public TopkOp {
        if (k < 1) {
            throw new IllegalArgumentException("topk: k is " + k + ", at least 1 is expected");
        }
    }

    @Override
    public String name() {
        return "topk";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        call.floating();
        Tensor x = call.input(0);
        int along = x.shape().axis(axis);
        long cols = x.shape().dim(along);
        if (k > cols) {
            throw call.error("axis " + axis + " has fewer than " + k + " elements");
        }
        Tensor y = call.result(DType.INT64, x.shape().with(along, k));
        if (x.size() == 0) {
            return y;
        }
        int[] order = Axes.toLast(x.shape().rank(), along);
        Tensor last = Axes.permute(y, order);
        Shape rows = Shape.of(x.size() / cols, k);
        Tensor places = last.isContiguous() ? last.reshape(rows) : Tensor.empty(x.device(), DType.INT64, rows);
        Tensor lines = Axes.permute(x, order).reshape(Shape.of(x.size() / cols, cols));
        TopkKernel.TYPE.on(x).forward(lines, places);
        if (!last.isContiguous()) {
            last.copyFrom(places.reshape(last.shape()));
        }
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        throw new UnsupportedOperationException("topk has no gradient: gather the elements at its places");
    }
}
