package org.nautile.op;

import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;
import org.nautile.backend.Window;

/** Brings ops to kernels that read and write channels-last pictures only. */
final class Pictures {
    private Pictures() {}

    /** Writes, or adds to, a channels-last tensor. */
    @FunctionalInterface
    interface Writer {
        void write(Tensor gradient, boolean accumulate);
    }

    /** Computes a channels-last result from the only input. */
    @FunctionalInterface
    interface Forward {
        void run(Tensor x, Tensor y);
    }

    /** Computes the gradient by the only input from that by the result. */
    @FunctionalInterface
    interface Backward {
        void run(Tensor dy, Tensor dx, boolean accumulate);
    }

    /** The shape of the only input. */
    static Shape shape(Call call) {
        call.floating();
        Shape shape = call.input(0).shape();
        if (shape.rank() != 4) {
            throw call.error("x must be [N,C,H,W]");
        }
        return shape;
    }

    /** The result of another height and width. */
    static Tensor forward(Call call, long height, long width, Forward kernel) {
        Tensor x = call.input(0);
        Tensor y = call.resultOfPictures(x.dtype(), x.shape().with(2, height).with(3, width));
        if (y.size() > 0) {
            into(y, false, (to, add) -> kernel.run(x.channelsLast(), to));
        }
        return y;
    }

    /** The result of windows, some of which must fit. */
    static Tensor forward(Call call, Window rows, Window cols, Forward kernel) {
        Shape shape = shape(call);
        long height = rows.count(shape.dim(2));
        long width = cols.count(shape.dim(3));
        if (height == 0 || width == 0) {
            throw call.error("no window of " + rows + " and " + cols + " fits into it");
        }
        return forward(call, height, width, kernel);
    }

    /** The gradient by the only input, if it wants one. */
    static void backward(Call call, Tensor dy, Gradients gradients, Backward kernel) {
        if (gradients.wants(0)) {
            gradient(gradients, 0, (dx, accumulate) -> {
                if (dx.size() > 0) {
                    kernel.run(dy.channelsLast(), dx, accumulate);
                }
            });
        }
    }

    /** Has the gradient of an input that wants one written. */
    static void gradient(Gradients gradients, int input, Writer writer) {
        boolean accumulate = gradients.accumulates(input);
        into(gradients.denseBuffer(input), accumulate, writer);
    }

    /** Has a tensor of any layout written. */
    static void into(Tensor to, boolean accumulate, Writer writer) {
        if (to.isChannelsLast()) {
            writer.write(to, accumulate);
            return;
        }
        Tensor aside = Tensor.emptyChannelsLast(to.device(), to.dtype(), to.shape());
        writer.write(aside, false);
        CopyKernel.TYPE.on(to).forward(aside, to, accumulate);
    }
}
