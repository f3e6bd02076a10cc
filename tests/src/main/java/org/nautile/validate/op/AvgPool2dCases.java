package org.nautile.validate.op;

import java.util.Arrays;
import java.util.List;
import org.nautile.backend.Window;
import org.nautile.op.AvgPool2dOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link AvgPool2dOp}. */
public final class AvgPool2dCases implements OpCases {
    private static final Draw X = Draw.uniform(-2, 2);

    /** For {@link OpCases#of}. */
    public AvgPool2dCases() {}

    @Override
    public List<OpCase> cases() {
        Window same = new Window(3, 1, 1);
        Window up = new Window(3, 2, 1, 1, true);
        return List.of(
                beside(2, "halved", X, 2, 3, 8, 8),
                beside(2, "a row and a column left over", X, 2, 5, 7, 9),
                beside(2, "many channels", X, 1, 70, 6, 4),
                beside(2, "a vector of channels and some", X, 2, 19, 4, 4),
                beside(2, "several tasks", X, 5, 37, 26, 30),
                beside(1, "single pixels", X, 2, 3, 4, 5),
                beside(7, "whole pictures", X, 3, 33, 7, 7).formula(in -> means(in[0], 49)),
                beside(40, "large whole pictures", Draw.uniform(0, 1), 2, 11, 40, 40),
                beside(8, "large numbers that cancel", Draw.integers(-1000, 1000), 2, 9, 8, 16),
                padded(same, same, true, 0, "padding counted", 2, 6, 5, 7),
                padded(same, same, false, 0, "padding not counted", 2, 6, 5, 7),
                padded(up, up, true, 0, "rounded up, padding counted", 2, 3, 8, 6),
                padded(up, up, false, 0, "rounded up, padding not counted", 2, 3, 8, 6),
                padded(up, same, true, 5, "a divisor", 2, 3, 8, 6),
                padded(new Window(2, 3, 0), new Window(2, 3, 0), true, 0, "gaps between windows", 2, 3, 9, 10),
                padded(new Window(1, 1, 0), new Window(20, 3, 10), false, 0, "along a row", 1, 3, 4, 41),
                padded(new Window(2, 2, 0, 1, true), new Window(2), true, 0, "rounded up", 2, 3, 7, 5),
                beside(
                                2,
                                "NaN and infinities",
                                Draw.values(1, 2, Double.NaN, 3, Double.POSITIVE_INFINITY, 4, 5),
                                1,
                                5,
                                4,
                                6)
                        .rough(),
                beside(2, "no picture", X, 0, 3, 4, 4));
    }

    private static OpCase beside(int kernel, String label, Draw draw, long... dims) {
        Window window = new Window(kernel);
        return described(new AvgPool2dOp(window, window), label, draw, dims);
    }

    private static OpCase padded(
            Window rows, Window cols, boolean countPadding, long divisor, String label, long... dims) {
        return described(new AvgPool2dOp(rows, cols, countPadding, divisor), label, X, dims);
    }

    private static OpCase described(AvgPool2dOp op, String label, Draw draw, long... dims) {
        return new OpCase(op, label)
                .input(draw, dims)
                .forward(new Budget(2, 0, 4, Double.POSITIVE_INFINITY, "the contract of avg_pool2d.h"))
                .backward(new Budget(2, 0, 8, Double.POSITIVE_INFINITY, "shares of a few gradients"));
    }

    /** Means of runs of elements. */
    private static double[] means(double[] x, int run) {
        double[] y = new double[x.length / run];
        Arrays.setAll(y, i -> Arrays.stream(x, i * run, (i + 1) * run).sum() / run);
        return y;
    }
}
