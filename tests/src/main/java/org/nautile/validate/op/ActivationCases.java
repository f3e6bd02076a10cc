package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.backend.ActivationKernel.Function;
import org.nautile.op.ActivationOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link ActivationOp}. */
public final class ActivationCases implements OpCases {
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    /** The ends of the ranges in which exp, tanh and softplus are computed in different ways, and what has no neighbours. */
    private static final double[] EDGES = {
        0, -0.0, 1, -1, 0x1p-149, -0x1p-149, 0x1p-126, 1e-20, 1e-4, -1e-4, 0.0625, 0.5, -0.6, 9, -9, 9.1, 19.9, 20,
        20.1, -20, -87.3, 88.7, 88.8, -88.8, 103, -103, -104, 1e4, -1e4, 3e38, -3e38, INFINITY, -INFINITY, NAN
    };

    /** For {@link OpCases#of}. */
    public ActivationCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            ActivationOp op = new ActivationOp(function, function == Function.ELU ? 1.5 : 0.25);
            Draw near = Draw.uniform(-6, 6).awayFrom(0, 0.01);
            cases.add(described(op, "uniform").input(near, 7, 13).formula(in -> formula(function, op.alpha(), in[0])));
            cases.add(described(op, "one element").input(Draw.values(0.7), 1));
            cases.add(described(op, "small").input(Draw.normal(0, 1e-3).awayFrom(0, 1e-4), 3, 11, 5));
            cases.add(described(op, "several tasks").input(near, 150_001));
            cases.add(described(op, "edges")
                    .input(Draw.values(EDGES), 2, EDGES.length)
                    .rough());
            cases.add(described(op, "nothing").input(near, 3, 0));
        }
        return cases;
    }

    private static OpCase described(ActivationOp op, String label) {
        return new OpCase(op, label + " " + op.function())
                .forward(forward(op.function()))
                .backward(backward(op.function()))
                .inPlace(0)
                .gradientOver(OpCase.Overwrites.UPSTREAM);
    }

    private static Budget forward(Function function) {
        return switch (function) {
            case LINEAR, RELU, LEAKY_RELU -> Budget.exact("at most one rounding");
            case ELU, SIGMOID, TANH, SOFTPLUS -> Budget.ulp(3, "the contract of activation.h");
            case SWISH, GELU, GELU_TANH ->
                Budget.ulp(4, "the contract of activation.h").plus(1e-7);
        };
    }

    private static Budget backward(Function function) {
        return switch (function) {
            case LINEAR, RELU, LEAKY_RELU -> Budget.exact("at most one rounding");
            case ELU -> Budget.ulp(4, "exp, and two products");
            default -> Budget.ulp(8, "sums that cancel, of terms of order 1").plus(2e-6);
        };
    }

    /** The functions a second time, from their definitions. */
    private static double[] formula(Function function, double alpha, double... x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double v = x[i];
            double e = Math.exp(v);
            y[i] = switch (function) {
                case LINEAR -> v;
                case RELU -> v > 0 ? v : 0;
                case LEAKY_RELU -> Math.max(v, 0) + alpha * Math.min(v, 0);
                case ELU -> Math.max(v, 0) + alpha * (Math.exp(Math.min(v, 0)) - 1);
                case SIGMOID -> e / (e + 1);
                case TANH -> (e - 1 / e) / (e + 1 / e);
                case SWISH -> v * e / (e + 1);
                case GELU -> v * normalDistribution(v);
                case GELU_TANH -> v * 1 / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * Math.pow(v, 3))));
                case SOFTPLUS -> Math.log(1 + e);
            };
        }
        return y;
    }

    /** Simpson's rule over the density. */
    private static double normalDistribution(double x) {
        int n = 4000;
        double h = x / n;
        double sum = 1 + Math.exp(-x * x / 2);
        for (int i = 1; i < n; i++) {
            double t = i * h;
            sum += (i % 2 == 1 ? 4 : 2) * Math.exp(-t * t / 2);
        }
        return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }
}
