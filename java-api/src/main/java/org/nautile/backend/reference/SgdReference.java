package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;

final class SgdReference implements SgdKernel {
    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            @Nullable Tensor buffer,
            Tensor rate,
            @Nullable Tensor count,
            double momentum,
            double dampening,
            double weightDecay,
            double l1,
            boolean nesterov) {
        double[] p = Values.read(parameter);
        double[] g = Values.read(gradient);
        double[] b = buffer == null ? new double[0] : Values.read(buffer);
        double lr = Values.read(rate)[0];
        boolean first = count != null && Values.read(count)[0] == 1;
        for (int i = 0; i < p.length; i++) {
            double change = g[i] + weightDecay * p[i] + l1 * Math.signum(p[i]);
            if (buffer != null) {
                b[i] = first ? change : momentum * b[i] + (1 - dampening) * change;
                change = nesterov ? change + momentum * b[i] : b[i];
            }
            p[i] -= lr * change;
        }
        Values.write(p, parameter);
        if (buffer != null) {
            Values.write(b, buffer);
        }
    }
}
