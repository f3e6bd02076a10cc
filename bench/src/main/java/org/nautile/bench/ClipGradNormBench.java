package org.nautile.bench;

import org.nautile.Tensor;
import org.nautile.backend.ClipGradNormKernel;
import org.openjdk.jmh.annotations.Param;

/** Gradients held to a largest norm. */
public class ClipGradNormBench extends OptimizerBench {
    /** The norm: one that no step exceeds, or one that every step does. */
    @Param({"1e9", "0"})
    public double maxNorm;

    @Override
    void step(Tensor... t) {
        ClipGradNormKernel.TYPE.on(t[0]).step(t[1], t[4], maxNorm);
    }
}
