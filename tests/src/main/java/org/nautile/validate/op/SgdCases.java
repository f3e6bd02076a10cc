package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the optimizer's step. Settings are float32 numbers: rounding them is not the kernel's error. */
public final class SgdCases implements OpCases {
    private static final List<String> INPUTS = List.of("parameter", "gradient", "buffer", "rate", "count");
    private static final double RATE = 0.0625;

    /** For {@link OpCases#of}. */
    public SgdCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (long size : new long[] {1, 91, 0}) {
            for (int result : new int[] {0, 2}) {
                String what = result == 2 ? ", the buffer" : ", the parameters";
                cases.add(described("momentum" + what, new Settings(0.875, 0, 0, 0, false), 2, result, size));
                cases.add(described("dampening" + what, new Settings(0.875, 0.5, 0, 0, false), 2, result, size));
                cases.add(described("Nesterov" + what, new Settings(0.875, 0, 0.125, 0, true), 2, result, size));
                cases.add(described("first step" + what, new Settings(0.875, 0.5, 0.125, 0, true), 1, result, size));
            }
            cases.add(described("plain", new Settings(0, 0, 0, 0, false), 1, 0, size));
            cases.add(described("weight decay", new Settings(0, 0, 0.0625, 0, false), 1, 0, size));
            cases.add(described("penalties", new Settings(0, 0, 0.0625, 0.25, false), 1, 0, size));
        }
        cases.add(described("several tasks", new Settings(0.875, 0.5, 0.125, 0, false), 3, 0, 150_001));
        cases.add(described("several tasks, plain", new Settings(0, 0, 0, 0, false), 1, 0, 150_001));
        return cases;
    }

    private static OpCase described(String label, Settings settings, int count, int result, long size) {
        Draw normal = Draw.normal(0, 1);
        return new OpCase(new OptimizerStep("sgd", INPUTS, result, settings::step), label)
                .input(normal, size)
                .input(normal, size)
                .input(normal, size)
                .input(Draw.values(RATE), 1)
                .input(Draw.values(count), 1)
                .forward(Budget.ulp(1, "up to six products and sums of order 1").plus(1e-6))
                .formula(in -> settings.formula(in[0], in[1], in[2], count == 1, result));
    }

    private record Settings(double momentum, double dampening, double weightDecay, double l1, boolean nesterov) {
        void step(Tensor... t) {
            boolean none = momentum == 0;
            SgdKernel kernel = SgdKernel.TYPE.on(t[0]);
            kernel.step(
                    t[0],
                    t[1],
                    none ? null : t[2],
                    t[3],
                    none ? null : t[4],
                    momentum,
                    dampening,
                    weightDecay,
                    l1,
                    nesterov);
        }

        double[] formula(double[] p, double[] g, double[] b, boolean first, int result) {
            double[] y = new double[p.length];
            for (int i = 0; i < y.length; i++) {
                double change = g[i] + weightDecay * p[i] + l1 * Math.signum(p[i]);
                double velocity = first ? change : momentum * b[i] + (1 - dampening) * change;
                double direction = momentum == 0 ? change : nesterov ? change + momentum * velocity : velocity;
                y[i] = result == 2 ? velocity : p[i] - RATE * direction;
            }
            return y;
        }
    }
}
