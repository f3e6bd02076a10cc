package org.nautile.op;

import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;

/** Gradients of ops whose kernels write channels-last pictures only. */
final class Pictures {
    private Pictures() {}

    /** Writes, or adds to, a channels-last tensor. */
    @FunctionalInterface
    interface Writer {
        void write(Tensor gradient, boolean accumulate);
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
        to.device().backend().kernel(CopyKernel.TYPE).forward(aside, to, accumulate);
    }
}
