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
            double lr,
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov,
            boolean first) {
        double[] p = Values.read(parameter);
        double[] g = Values.read(gradient);
        double[] b = buffer == null ? new double[0] : Values.read(buffer);
        for (int i = 0; i < p.length; i++) {
            double change = g[i] + weightDecay * p[i];
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
