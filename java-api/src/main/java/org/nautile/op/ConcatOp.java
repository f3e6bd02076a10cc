package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;

/**
 * Several tensors one after the other along an axis; all other extents are the same. The gradient of each input is its part
 * of the output's.
 *
 * @param axis from 0, or from the end when negative
 */
public record ConcatOp(int axis) implements Op {
    private static final List<String> INPUTS = List.of("x");

    @Override
    public String name() {
        return "concat";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean variadic() {
        return true;
    }

    @Override
    public Tensor forward(Call call) {
        Shape first = call.input(0).shape();
        DType dtype = call.input(0).dtype();
        int index = first.axis(axis);
        long extent = 0;
        for (int i = 0; i < call.count(); i++) {
            Tensor x = call.input(i);
            boolean fits = x.shape().rank() == first.rank()
                    && x.dtype() == dtype
                    && x.shape().with(index, first.dim(index)).equals(first);
            if (!fits) {
                throw call.error("all must have one type, and the same extents but for axis " + axis);
            }
            extent += x.shape().dim(index);
        }
        Shape shape = first.with(index, extent);
        Tensor like = call.input(0);
        Tensor y = like.isChannelsLast() && !like.isContiguous() // as convolutions leave pictures, and want them
                ? call.resultOfPictures(dtype, shape)
                : call.result(dtype, shape);
        long start = 0;
        for (int i = 0; i < call.count(); i++) {
            Tensor x = call.input(i);
            Axes.part(y, index, start, x.shape().dim(index)).copyFrom(x);
            start += x.shape().dim(index);
        }
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        int index = dy.shape().axis(axis);
        long start = 0;
        for (int i = 0; i < call.count(); i++) {
            long extent = call.input(i).shape().dim(index);
            if (gradients.wants(i)) {
                boolean accumulate = gradients.accumulates(i);
                Tensor dx = gradients.denseBuffer(i);
                CopyKernel kernel = CopyKernel.TYPE.on(dy);
                kernel.forward(Axes.part(dy, index, start, extent), dx, accumulate);
            }
            start += extent;
        }
    }
}
