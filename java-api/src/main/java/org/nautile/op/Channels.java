package org.nautile.op;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;

/** Brings [N, C, ...] to a kernel that wants the channels of a place beside each other: [N, places, C]. */
final class Channels {
    private Channels() {}

    /** As [N, places, C], contiguous: no copy for channels-last pictures, and for [N, C]. */
    static Tensor last(Tensor x) {
        return matrices(view(x).contiguous());
    }

    /** Lets a kernel write the result of a call. */
    static Tensor result(Call call, DType dtype, Shape shape, BiConsumer<Tensor, Boolean> kernel) {
        Tensor y = shape.rank() == 4 ? call.resultOfPictures(dtype, shape) : call.result(dtype, shape);
        write(y, false, kernel);
        return y;
    }

    /** Lets a kernel write the gradients by x, the first input, and by the weight and the bias, from this input on. */
    static void gradients(Call call, Gradients gradients, int weight, Consumer<Targets> kernel) {
        if (!gradients.wants(0)) {
            kernel.accept(Targets.besides(null, false, call, gradients, weight));
            return;
        }
        boolean accumulate = gradients.accumulates(0);
        boolean pictures = call.input(0).shape().rank() == 4;
        write(
                pictures ? gradients.denseBuffer(0) : gradients.buffer(0),
                accumulate,
                (dx, add) -> kernel.accept(Targets.besides(dx, add, call, gradients, weight)));
    }

    /** Calls a kernel with [N, places, C] and whether to add; by way of another tensor if the target is not laid out so. */
    private static void write(Tensor target, boolean accumulate, BiConsumer<Tensor, Boolean> kernel) {
        Tensor view = view(target);
        if (view.isContiguous()) {
            kernel.accept(matrices(view), accumulate);
            return;
        }
        Tensor other = Tensor.empty(target.device(), target.dtype(), view.shape());
        kernel.accept(matrices(other), false);
        CopyKernel.TYPE.on(target).forward(other, view, accumulate);
    }

    /** [N, C, ...] as [N, ..., C]. */
    private static Tensor view(Tensor x) {
        return Axes.permute(x, Axes.toLast(x.shape().rank(), 1));
    }

    private static Tensor matrices(Tensor x) {
        int rank = x.shape().rank();
        return x.reshape(Shape.of(
                x.shape().dim(0), Axes.extent(x.shape(), 1, rank - 1), x.shape().dim(-1)));
    }
}
