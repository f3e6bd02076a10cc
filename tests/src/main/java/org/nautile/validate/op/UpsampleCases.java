package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.backend.UpsampleKernel.Mode;
import org.nautile.op.UpsampleOp;
import org.nautile.op.UpsampleOp.Extent;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link UpsampleOp}. */
public final class UpsampleCases implements OpCases {
    private static final Draw X = Draw.uniform(-2, 2);

    /** For {@link OpCases#of}. */
    public UpsampleCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            cases.add(described(new UpsampleOp(mode, 2), "doubled", 2, 3, 4, 5));
            cases.add(described(new UpsampleOp(mode, 2), "many channels", 1, 70, 3, 4));
            cases.add(described(new UpsampleOp(mode, 2), "a vector of channels and some", 2, 19, 3, 2));
            cases.add(described(new UpsampleOp(mode, 2), "several tasks", 3, 21, 17, 18));
            cases.add(described(new UpsampleOp(mode, 3.7), "another factor", 2, 3, 6, 5));
            cases.add(described(new UpsampleOp(mode, 0.6), "smaller", 1, 4, 9, 11));
            cases.add(described(sizes(mode, 7, 13), "sizes", 1, 5, 4, 6));
            cases.add(described(sizes(mode, 4, 1), "smaller sizes", 2, 2, 9, 5));
            cases.add(described(sizes(mode, 5, 6), "as large as before", 1, 3, 5, 6));
            cases.add(described(sizes(mode, 50, 3), "one pixel often", 1, 2, 1, 1));
            cases.add(described(sizes(mode, 40, 61), "long runs", 1, 3, 2, 3));
            cases.add(described(new UpsampleOp(mode, 2), "no picture", 0, 3, 2, 2));
        }
        cases.add(described(new UpsampleOp(Mode.NEAREST, 2), "repeated", 2, 3, 2, 4)
                .formula(in -> repeated(in[0], 4)));
        cases.add(described(new UpsampleOp(Mode.BILINEAR, 2), "two pixels", 1, 1, 1, 2)
                .formula(in -> between(in[0][0], in[0][1], 0, 0.25, 0.75, 1)));
        cases.add(described(new UpsampleOp(Mode.BILINEAR_ALIGNED, 2), "two pixels", 1, 1, 1, 2)
                .formula(in -> between(in[0][0], in[0][1], 0, (float) (1 / 3.0), 2 * (double) (float) (1 / 3.0), 1)));
        return cases;
    }

    private static UpsampleOp sizes(Mode mode, long height, long width) {
        return new UpsampleOp(mode, new Extent(height, 0), new Extent(width, 0));
    }

    private static OpCase described(UpsampleOp op, String label, long... dims) {
        Budget forward = op.mode() == Mode.NEAREST
                ? Budget.exact("an element of x")
                : new Budget(0, 0, 6, Double.POSITIVE_INFINITY, "two sums of two products, weights of one rounding");
        return new OpCase(op, label + " " + op.mode())
                .input(X, dims)
                .forward(forward)
                .backward(new Budget(
                        0, 0, 16, Double.POSITIVE_INFINITY, "sums of products along rows, then down columns"));
    }

    private static double[] repeated(double[] x, int width) {
        double[] y = new double[4 * x.length];
        Arrays.setAll(y, i -> x[i / (4 * width) * width + i % (2 * width) / 2]);
        return y;
    }

    /** Twice the same row. */
    private static double[] between(double a, double b, double... places) {
        double[] y = new double[2 * places.length];
        Arrays.setAll(y, i -> a + (b - a) * places[i % places.length]);
        return y;
    }
}
