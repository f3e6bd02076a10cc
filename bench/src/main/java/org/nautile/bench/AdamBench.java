package org.nautile.bench;

import org.nautile.Tensor;
import org.nautile.backend.AdamKernel;

/** Adam. */
public class AdamBench extends OptimizerBench {
    @Override
    void step(Tensor... t) {
        AdamKernel.TYPE.on(t[0]).step(t[0], t[1], t[2], t[3], t[4], t[5], 0.9, 0.999, 1e-8, 0, 0, false);
    }
}
