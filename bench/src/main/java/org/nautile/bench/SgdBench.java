package org.nautile.bench;

import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;
import org.openjdk.jmh.annotations.Param;

/** Stochastic gradient descent. */
public class SgdBench extends OptimizerBench {
    /** The momentum. */
    @Param({"0", "0.9"})
    public double momentum;

    @Override
    void step(Tensor... t) {
        boolean none = momentum == 0;
        SgdKernel.TYPE
                .on(t[0])
                .step(t[0], t[1], none ? null : t[2], t[4], none ? null : t[5], momentum, 0, 0, 0, false);
    }
}
