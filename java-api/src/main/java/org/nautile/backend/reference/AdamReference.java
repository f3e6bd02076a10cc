package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.AdamKernel;

final class AdamReference implements AdamKernel {
    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            Tensor mean,
            Tensor square,
            Tensor rate,
            Tensor count,
            double beta1,
            double beta2,
            double eps,
            double weightDecay,
            double l1,
            boolean decoupled) {
        double[] p = Values.read(parameter);
        double[] g = Values.read(gradient);
        double[] m = Values.read(mean);
        double[] v = Values.read(square);
        double lr = Values.read(rate)[0];
        double step = Values.read(count)[0];
        double meanShare = 1 - Math.pow(beta1, step);
        double squareShare = 1 - Math.pow(beta2, step);
        for (int i = 0; i < p.length; i++) {
            double slope = g[i] + l1 * Math.signum(p[i]);
            if (decoupled) {
                p[i] *= 1 - lr * weightDecay;
            } else {
                slope += weightDecay * p[i];
            }
            m[i] = beta1 * m[i] + (1 - beta1) * slope;
            v[i] = beta2 * v[i] + (1 - beta2) * slope * slope;
            p[i] -= lr * (m[i] / meanShare) / (Math.sqrt(v[i] / squareShare) + eps);
        }
        Values.write(p, parameter);
        Values.write(m, mean);
        Values.write(v, square);
    }
}
