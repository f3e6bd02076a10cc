package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.AdagradKernel;

final class AdagradReference implements AdagradKernel {
    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            Tensor sum,
            Tensor rate,
            Tensor count,
            double lrDecay,
            double eps,
            double weightDecay,
            double l1) {
        double[] p = Values.read(parameter);
        double[] g = Values.read(gradient);
        double[] s = Values.read(sum);
        double lr = Values.read(rate)[0] / (1 + (Values.read(count)[0] - 1) * lrDecay);
        for (int i = 0; i < p.length; i++) {
            double slope = g[i] + weightDecay * p[i] + l1 * Math.signum(p[i]);
            s[i] += slope * slope;
            p[i] -= lr * slope / (Math.sqrt(s[i]) + eps);
        }
        Values.write(p, parameter);
        Values.write(s, sum);
    }
}
