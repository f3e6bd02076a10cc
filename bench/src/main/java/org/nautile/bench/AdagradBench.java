package org.nautile.bench;

import org.nautile.Tensor;
import org.nautile.backend.AdagradKernel;

/** AdaGrad. */
public class AdagradBench extends OptimizerBench {
    @Override
    void step(Tensor... t) {
        AdagradKernel.TYPE.on(t[0]).step(t[0], t[1], t[2], t[4], t[5], 0, 1e-10, 0, 0);
    }
}
