package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.op.GatherOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link GatherOp}. */
public final class GatherCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);

    /** For {@link OpCases#of}. */
    public GatherCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(1, "last axis").input(NORMAL, 7, 13).input(DType.INT64, Draw.integers(0, 12), 7, 3),
                described(-1, "one of each row")
                        .input(NORMAL, 41, 5)
                        .input(DType.INT64, Draw.integers(0, 4), 41, 1)
                        .formula(in -> one(in[0], in[1], 5)),
                described(0, "first axis").input(NORMAL, 11, 5).input(DType.INT64, Draw.integers(0, 10), 19, 5),
                described(1, "middle axis").input(NORMAL, 3, 7, 5).input(DType.INT64, Draw.integers(0, 6), 3, 9, 5),
                described(1, "wide").input(NORMAL, 2, 5, 131).input(DType.INT64, Draw.integers(0, 4), 2, 4, 131),
                described(0, "a vector").input(NORMAL, 23).input(DType.INT64, Draw.integers(0, 22), 31),
                described(1, "part of x").input(NORMAL, 7, 13, 5).input(DType.INT64, Draw.integers(0, 12), 4, 6, 3),
                described(1, "several tasks").input(NORMAL, 431, 57).input(DType.INT64, Draw.integers(0, 56), 431, 97),
                described(1, "nothing")
                        .input(NORMAL, 7, 13)
                        .input(DType.INT64, Draw.integers(0, 12), 7, 0)
                        .zeros(),
                new OpCase(new GatherOp(0), "one element, many uses")
                        .input(NORMAL, 1, 3)
                        .input(DType.INT64, Draw.values(0), 1031, 3)
                        .upstream(Draw.integers(-9, 9))
                        .forward(Budget.exact("a copy"))
                        .backward(Budget.exact("sums of small integers")));
    }

    private static OpCase described(int axis, String label) {
        return new OpCase(new GatherOp(axis), label)
                .forward(Budget.exact("a copy"))
                .backward(new Budget(1, 0, 20, Double.POSITIVE_INFINITY, "sums of few terms, one after the other"));
    }

    private static double[] one(double[] x, double[] index, int cols) {
        double[] y = new double[index.length];
        for (int r = 0; r < y.length; r++) {
            y[r] = x[r * cols + (int) index[r]];
        }
        return y;
    }
}
