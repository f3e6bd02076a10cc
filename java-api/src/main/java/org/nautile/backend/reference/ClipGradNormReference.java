package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.ClipGradNormKernel;

final class ClipGradNormReference implements ClipGradNormKernel {
    @Override
    public void step(Tensor gradient, Tensor norm, double maxNorm) {
        double[] g = Values.read(gradient);
        double total = 0;
        for (double value : g) {
            total += value * value;
        }
        double factor = maxNorm / (Math.sqrt(total) + 1e-6);
        if (!(factor >= 1)) { // also when it is NaN
            for (int i = 0; i < g.length; i++) {
                g[i] *= factor;
            }
            Values.write(g, gradient);
        }
        Values.write(new double[] {Math.sqrt(total)}, norm);
    }
}
