package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.AdamKernel;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the optimizer's step. */
public final class AdamCases implements OpCases {
    private static final List<String> INPUTS = List.of("parameter", "gradient", "mean", "square", "rate", "count");
    private static final double RATE = 0.0625;
    private static final double EPS = 0x1p-26;

    /** For {@link OpCases#of}. */
    public AdamCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (int result : new int[] {0, 2, 3}) {
            String what = ", " + INPUTS.get(result);
            for (long size : new long[] {1, 91, 0}) {
                cases.add(described("plain" + what, new Settings(0.9, 0.999, 0, 0, false), 5, result, size));
                cases.add(described("L2" + what, new Settings(0.8, 0.95, 0.125, 0, false), 2, result, size));
                cases.add(described("decoupled" + what, new Settings(0.9, 0.99, 0.125, 0, true), 3, result, size));
                cases.add(described("L1" + what, new Settings(0.9, 0.99, 0.125, 0.25, true), 3, result, size));
            }
            cases.add(described("a late step" + what, new Settings(0.9, 0.999, 0, 0, false), 5000, result, 67));
            cases.add(described("no memory" + what, new Settings(0, 0, 0, 0, false), 1, result, 33));
        }
        cases.add(described("several tasks", new Settings(0.9, 0.999, 0.125, 0, true), 7, 0, 150_001));
        Settings defaults = new Settings(0.9, 0.999, 0, 0, false);
        cases.add(described("first step", defaults, Draw.normal(0, 1), Draw.values(0), 1, 0, 77));
        cases.add(described("no gradient yet", defaults, Draw.values(0), Draw.values(0), 1, 0, 77));
        cases.add(described("NaN", defaults, Draw.values(1, Double.NaN, -1), Draw.values(0), 1, 0, 78));
        return cases;
    }

    private static OpCase described(String label, Settings settings, int count, int result, long size) {
        return described(label, settings, Draw.normal(0, 1), Draw.uniform(0.5, 2), count, result, size);
    }

    /** The state is the square and, as its mean, its half. */
    private static OpCase described(
            String label, Settings settings, Draw gradient, Draw square, int count, int result, long size) {
        return new OpCase(new OptimizerStep("adam", INPUTS, result, settings::step), label)
                .input(Draw.normal(0, 1), size)
                .input(gradient, size)
                .input((random, index) -> square.next(random, index) / 2, size)
                .input(square, size)
                .input(Draw.values(RATE), 1)
                .input(Draw.values(count), 1)
                .forward(Budget.ulp(8, "the contract of adam.h, and a change of order 0.1")
                        .plus(1e-6))
                .formula(in -> settings.formula(in, count, result));
    }

    private record Settings(double beta1, double beta2, double weightDecay, double l1, boolean decoupled) {
        void step(Tensor... t) {
            AdamKernel kernel = AdamKernel.TYPE.on(t[0]);
            kernel.step(t[0], t[1], t[2], t[3], t[4], t[5], beta1, beta2, EPS, weightDecay, l1, decoupled);
        }

        double[] formula(double[][] in, int count, int result) {
            double[] y = new double[in[0].length];
            for (int i = 0; i < y.length; i++) {
                double p = in[0][i];
                double slope = in[1][i] + l1 * Math.signum(p) + (decoupled ? 0 : weightDecay * p);
                double mean = in[2][i] * beta1 + slope * (1 - beta1);
                double square = in[3][i] * beta2 + slope * slope * (1 - beta2);
                double divisor = Math.sqrt(square / (1 - Math.pow(beta2, count))) + EPS;
                double decay = decoupled ? RATE * weightDecay * p : 0;
                double next = p - decay - RATE * mean / (1 - Math.pow(beta1, count)) / divisor;
                y[i] = result == 0 ? next : result == 2 ? mean : square;
            }
            return y;
        }
    }
}
