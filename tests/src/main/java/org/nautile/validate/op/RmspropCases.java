package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.RmspropKernel;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the optimizer's step. */
public final class RmspropCases implements OpCases {
    private static final List<String> INPUTS = List.of("parameter", "gradient", "square", "mean", "buffer", "rate");
    private static final double RATE = 0.0625;
    private static final double EPS = 0x1p-26;

    /** For {@link OpCases#of}. */
    public RmspropCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (long size : new long[] {1, 91, 0}) {
            cases.add(described("plain", new Settings(0.99, 0, 0, 0, false), 0, size));
            cases.add(described("plain, square", new Settings(0.99, 0, 0, 0, false), 2, size));
            cases.add(described("penalties", new Settings(0.9, 0, 0.125, 0.25, false), 0, size));
            for (int result : new int[] {0, 2, 3, 4}) {
                Settings all = new Settings(0.9, 0.875, 0.125, 0, true);
                cases.add(described("all, " + INPUTS.get(result), all, result, size));
            }
            cases.add(described("centered", new Settings(0.9, 0, 0, 0, true), 0, size));
            cases.add(described("momentum", new Settings(0.9, 0.875, 0, 0, false), 0, size));
        }
        cases.add(described("several tasks", new Settings(0.9, 0.875, 0.125, 0, true), 0, 150_001));
        return cases;
    }

    /** The mean is far from the root of the square: their difference keeps its digits. */
    private static OpCase described(String label, Settings settings, int result, long size) {
        return new OpCase(new OptimizerStep("rmsprop", INPUTS, result, settings::step), label)
                .input(Draw.normal(0, 1), size)
                .input(Draw.normal(0, 1), size)
                .input(Draw.uniform(0.5, 2), size)
                .input(Draw.uniform(-0.25, 0.25), size)
                .input(Draw.normal(0, 1), size)
                .input(Draw.values(RATE), 1)
                .forward(Budget.ulp(8, "the contract of rmsprop.h").plus(2e-6))
                .formula(in -> settings.formula(in, result));
    }

    private record Settings(double alpha, double momentum, double weightDecay, double l1, boolean centered) {
        void step(Tensor... t) {
            RmspropKernel kernel = RmspropKernel.TYPE.on(t[0]);
            Tensor mean = centered ? t[3] : null;
            Tensor buffer = momentum == 0 ? null : t[4];
            kernel.step(t[0], t[1], t[2], mean, buffer, t[5], alpha, EPS, momentum, weightDecay, l1);
        }

        double[] formula(double[][] in, int result) {
            double[] y = new double[in[0].length];
            for (int i = 0; i < y.length; i++) {
                double p = in[0][i];
                double slope = in[1][i] + weightDecay * p + l1 * Math.signum(p);
                double square = in[2][i] * alpha + slope * slope * (1 - alpha);
                double mean = centered ? in[3][i] * alpha + slope * (1 - alpha) : 0;
                double change = momentum * in[4][i] + slope / (Math.sqrt(square - mean * mean) + EPS);
                y[i] = new double[] {p - RATE * change, 0, square, mean, change}[result];
            }
            return y;
        }
    }
}
