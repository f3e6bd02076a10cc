package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.RmspropKernel;

final class RmspropReference implements RmspropKernel {
    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            Tensor square,
            @Nullable Tensor mean,
            @Nullable Tensor buffer,
            Tensor rate,
            double alpha,
            double eps,
            double momentum,
            double weightDecay,
            double l1) {
        double[] p = Values.read(parameter);
        double[] g = Values.read(gradient);
        double[] v = Values.read(square);
        double[] m = mean == null ? new double[p.length] : Values.read(mean);
        double[] b = buffer == null ? new double[p.length] : Values.read(buffer);
        double lr = Values.read(rate)[0];
        for (int i = 0; i < p.length; i++) {
            double slope = g[i] + weightDecay * p[i] + l1 * Math.signum(p[i]);
            v[i] = alpha * v[i] + (1 - alpha) * slope * slope;
            if (mean != null) {
                m[i] = alpha * m[i] + (1 - alpha) * slope;
            }
            b[i] = momentum * b[i] + slope / (Math.sqrt(v[i] - m[i] * m[i]) + eps);
            p[i] -= lr * b[i];
        }
        Values.write(p, parameter);
        Values.write(v, square);
        if (mean != null) {
            Values.write(m, mean);
        }
        if (buffer != null) {
            Values.write(b, buffer);
        }
    }
}
