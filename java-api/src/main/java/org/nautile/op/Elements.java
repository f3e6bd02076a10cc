package org.nautile.op;

import org.nautile.Tensor;

/** Brings ops by element with one input to kernels that want all tensors dense and laid out alike. */
final class Elements {
    private Elements() {}

    /** Computes a result. */
    interface Forward {
        void run(Tensor x, Tensor y);
    }

    /** Computes the gradient by the input. */
    interface Backward {
        void run(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean accumulate);
    }

    static Tensor forward(Call call, Forward kernel) {
        call.floating();
        Tensor y = call.resultLike(call.input(0));
        kernel.run(call.input(0).laidOutAs(y), y);
        return y;
    }

    static void backward(Call call, Tensor dy, Gradients gradients, Backward kernel) {
        if (gradients.wants(0)) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.denseBuffer(0);
            Tensor x = call.input(0).laidOutAs(dx);
            Tensor y = call.output().laidOutAs(dx);
            kernel.run(x, y, dy.laidOutAs(dx), dx, accumulate);
        }
    }
}
