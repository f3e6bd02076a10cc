package org.nautile.op;

import org.nautile.Tensor;

/** Brings an op along any axis to a kernel that works on the rows of a matrix. */
final class Lines {
    private Lines() {}

    /** A kernel's forward pass on matrices. */
    interface Forward {
        void run(Tensor x, Tensor y);
    }

    /** A kernel's backward pass on matrices. */
    interface Backward {
        void run(Tensor y, Tensor dy, Tensor dx, boolean accumulate);
    }

    static Tensor forward(Call call, int axis, Forward kernel) {
        call.floating();
        Tensor x = call.input(0);
        int index = x.shape().axis(axis);
        Tensor y = call.result(x.dtype(), x.shape());
        if (x.size() == 0) {
            return y;
        }
        if (index == x.shape().rank() - 1) {
            kernel.run(Axes.matrix(x, 1), Axes.matrix(y, 1));
            return y;
        }
        int[] order = Axes.toLast(x.shape().rank(), index);
        Tensor lines = Axes.permute(x, order).copy(); // a copy even if contiguous: it is written in place
        kernel.run(Axes.matrix(lines, 1), Axes.matrix(lines, 1));
        Axes.permute(y, order).copyFrom(lines);
        return y;
    }

    static void backward(Call call, Tensor dy, Gradients gradients, int axis, Backward kernel) {
        if (!gradients.wants(0)) {
            return;
        }
        Tensor y = call.output();
        int index = y.shape().axis(axis);
        if (y.size() == 0 || index == y.shape().rank() - 1) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.buffer(0);
            if (y.size() > 0) {
                kernel.run(Axes.matrix(y, 1), Axes.matrix(dy, 1), Axes.matrix(dx, 1), accumulate);
            }
            return;
        }
        int[] order = Axes.toLast(y.shape().rank(), index);
        Tensor lines = Axes.permute(dy, order).copy();
        kernel.run(Axes.matrix(Axes.permute(y, order), 1), Axes.matrix(lines, 1), Axes.matrix(lines, 1), false);
        gradients.add(0, Axes.permute(lines, Axes.inverse(order)));
    }
}
