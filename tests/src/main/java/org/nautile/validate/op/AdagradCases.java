package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.AdagradKernel;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the optimizer's step. */
public final class AdagradCases implements OpCases {
    private static final List<String> INPUTS = List.of("parameter", "gradient", "sum", "rate", "count");
    private static final double RATE = 0.0625;
    private static final double EPS = 0x1p-30;

    /** For {@link OpCases#of}. */
    public AdagradCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (long size : new long[] {1, 91, 0}) {
            for (int result : new int[] {0, 2}) {
                String what = ", " + INPUTS.get(result);
                cases.add(described("plain" + what, new Settings(0, 0, 0), 3, result, size));
                cases.add(described("a falling rate" + what, new Settings(0.125, 0, 0), 3, result, size));
                cases.add(described("penalties" + what, new Settings(0, 0.125, 0.25), 1, result, size));
            }
        }
        cases.add(described("several tasks", new Settings(0.125, 0.125, 0), 7, 0, 150_001));
        return cases;
    }

    private static OpCase described(String label, Settings settings, int count, int result, long size) {
        return new OpCase(new OptimizerStep("adagrad", INPUTS, result, settings::step), label)
                .input(Draw.normal(0, 1), size)
                .input(Draw.normal(0, 1), size)
                .input(Draw.uniform(0.5, 2), size)
                .input(Draw.values(RATE), 1)
                .input(Draw.values(count), 1)
                .forward(Budget.ulp(8, "the contract of adagrad.h").plus(1e-6))
                .formula(in -> settings.formula(in[0], in[1], in[2], count, result));
    }

    private record Settings(double lrDecay, double weightDecay, double l1) {
        void step(Tensor... t) {
            AdagradKernel kernel = AdagradKernel.TYPE.on(t[0]);
            kernel.step(t[0], t[1], t[2], t[3], t[4], lrDecay, EPS, weightDecay, l1);
        }

        double[] formula(double[] p, double[] g, double[] s, int count, int result) {
            double[] y = new double[p.length];
            for (int i = 0; i < y.length; i++) {
                double slope = g[i] + weightDecay * p[i] + l1 * Math.signum(p[i]);
                double sum = s[i] + slope * slope;
                double rate = RATE / (1 + (count - 1) * lrDecay);
                y[i] = result == 2 ? sum : p[i] - rate * slope / (Math.sqrt(sum) + EPS);
            }
            return y;
        }
    }
}
