package org.nautile.validate.op;

import java.util.Arrays;
import java.util.List;
import org.nautile.backend.Window;
import org.nautile.op.MaxPool2dOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link MaxPool2dOp}. */
public final class MaxPool2dCases implements OpCases {
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final Draw X = Draw.distinct(20_011, 0.01); // no ties, for finite differences

    /** For {@link OpCases#of}. */
    public MaxPool2dCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                beside(2, "halved", X, 2, 3, 8, 8).formula(in -> halved(in[0], 8)),
                beside(2, "a row and a column left over", X, 2, 5, 7, 9),
                beside(2, "many channels", X, 1, 70, 6, 4),
                beside(2, "a vector of channels and some", X, 2, 19, 4, 4),
                beside(2, "fours of channels", X, 2, 8, 6, 4),
                beside(2, "edges, fours of channels", edges(), 1, 12, 4, 6).rough(),
                beside(2, "several tasks", X, 5, 37, 26, 30),
                beside(2, "fewer channels than a vector has lanes", X, 3, 6, 8, 10),
                beside(3, "one window", X, 2, 4, 3, 3),
                beside(1, "single pixels", X, 2, 3, 4, 5),
                overlapping(new Window(3, 2, 1), "overlapping", X, 2, 6, 9, 7),
                overlapping(new Window(3, 1, 1), "as large as before", X, 1, 16, 6, 5),
                overlapping(new Window(3, 2, 1, 2, false), "dilation", X, 2, 4, 11, 12),
                overlapping(new Window(3, 1, 2, 3, false), "more dilation", X, 1, 3, 9, 10),
                overlapping(new Window(2, 2, 0, 1, true), "rounded up", X, 2, 3, 7, 5),
                overlapping(new Window(3, 2, 1, 1, true), "padded and rounded up", X, 2, 3, 8, 6),
                overlapping(new Window(2, 3, 0), "gaps between windows", X, 2, 3, 9, 10),
                overlapping(new Window(2, 1, 1, 3, false), "nothing but padding", X, 1, 3, 2, 2)
                        .rough()
                        .zeros(),
                pool(new Window(1, 1, 0), new Window(5, 3, 2), "along a row", X, 2, 3, 4, 11),
                pool(new Window(16), new Window(16), "256 places", X, 1, 2, 16, 32),
                overlapping(new Window(3, 1, 1), "ties", Draw.integers(0, 2), 2, 20, 6, 6)
                        .rough(),
                overlapping(new Window(3, 1, 1), "all equal", Draw.values(1), 1, 9, 4, 4)
                        .rough(),
                overlapping(new Window(2, 1, 0), "edges", edges(), 2, 9, 5, 7).rough(),
                beside(2, "nothing but -inf", Draw.values(-INFINITY), 1, 3, 4, 4)
                        .rough(),
                beside(2, "no picture", X, 0, 3, 4, 4),
                beside(2, "no channel", X, 2, 0, 4, 4));
    }

    private static Draw edges() {
        return Draw.values(1, -INFINITY, Double.NaN, -0.0, 0, INFINITY, -2, Double.NaN, 3, -1e38, 5, 2, 0.5);
    }

    private static OpCase beside(int kernel, String label, Draw draw, long... dims) {
        return pool(new Window(kernel), new Window(kernel), label, draw, dims);
    }

    private static OpCase overlapping(Window window, String label, Draw draw, long... dims) {
        return pool(window, window, label, draw, dims);
    }

    private static OpCase pool(Window rows, Window cols, String label, Draw draw, long... dims) {
        return new OpCase(new MaxPool2dOp(rows, cols), label)
                .input(draw, dims)
                .forward(Budget.exact("an element of x"))
                .backward(Budget.ulp(1, "a sum of a few gradients").plus(2e-6));
    }

    /** Windows of 2 x 2. */
    private static double[] halved(double[] x, int width) {
        double[] y = new double[x.length / 4];
        Arrays.setAll(y, i -> {
            int row = i / (width / 2); // also over all planes, whose heights are even
            int corner = 2 * row * width + 2 * (i % (width / 2));
            return Math.max(Math.max(x[corner], x[corner + 1]), Math.max(x[corner + width], x[corner + width + 1]));
        });
        return y;
    }
}
