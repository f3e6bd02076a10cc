package org.nautile.validate.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.op.Call;

/**
 * A step of an optimizer, dressed as an op that leaves its inputs alone: the result is one of the tensors that it changes.
 *
 * @param name the op's name
 * @param inputs the names of the tensors that the step is given
 * @param result which of them is the result
 * @param kernel takes the step
 */
record OptimizerStep(String name, List<String> inputs, int result, Kernel kernel) implements ForwardOnly {
    /** A step. */
    @FunctionalInterface
    interface Kernel {
        /** Changes tensors, one for each input and contiguous. */
        void step(Tensor... tensors);
    }

    @Override
    public Tensor forward(Call call) {
        Tensor[] tensors = new Tensor[inputs.size()];
        for (int i = 0; i < tensors.length; i++) {
            Tensor input = call.input(i);
            tensors[i] =
                    i == result ? call.result(call.floating(), input.shape()).copyFrom(input) : input.copy();
        }
        kernel.step(tensors);
        return tensors[result];
    }

    /** Without the kernel: a lambda has another name in every run, and inputs are drawn by this one. */
    @Override
    public String toString() {
        return name + " " + inputs.get(result);
    }
}
