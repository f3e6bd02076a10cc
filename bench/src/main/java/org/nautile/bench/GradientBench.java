package org.nautile.bench;

import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
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
}
