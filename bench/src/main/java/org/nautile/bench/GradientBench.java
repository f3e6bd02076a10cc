package org.nautile.bench;

import java.util.Arrays;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.ScaleOp;
import org.openjdk.jmh.annotations.Benchmark;

/** The time of an op with its gradients, through the tape. */
public abstract class GradientBench extends OpBench {
    /** Forward pass, then the gradients of all floating inputs. */
    @Benchmark
    public void forwardBackward() {
        try (Scope scope = new Scope()) {
            for (Tensor input : inputs()) {
                if (input.dtype().isFloating()) {
                    Autograd.requireGradient(input);
                    Autograd.clearGradient(input);
                }
            }
            Autograd.backward(Autograd.apply(op(), inputs()), output());
        }
    }

    /** The inputs of a recurrent layer with biases, whose weights are in +-1/16: numbers of order 1 stay so. */
    final Tensor[] sequence(String size, int gates) {
        int[] dims =
                Arrays.stream(size.split("x", -1)).mapToInt(Integer::parseInt).toArray();
        int rows = gates * dims[3];
        Tensor[] weights = {uniform(rows, dims[2]), uniform(rows, dims[3]), uniform(rows), uniform(rows)};
        Tensor[] inputs = new Tensor[5];
        inputs[0] = uniform(dims[0], dims[1], dims[2]);
        for (int i = 0; i < weights.length; i++) {
            inputs[i + 1] = new ScaleOp(1 / 16.0, 0).apply(weights[i]);
        }
        return inputs;
    }
}
