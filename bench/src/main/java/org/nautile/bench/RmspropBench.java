package org.nautile.bench;

import org.nautile.Tensor;
import org.nautile.backend.RmspropKernel;

/** RMSProp. */
public class RmspropBench extends OptimizerBench {
    @Override
    void step(Tensor... t) {
        RmspropKernel.TYPE.on(t[0]).step(t[0], t[1], t[2], null, null, t[4], 0.99, 1e-8, 0, 0, 0);
    }
}
