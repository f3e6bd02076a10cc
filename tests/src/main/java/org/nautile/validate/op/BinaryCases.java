package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.backend.BinaryKernel.Function;
import org.nautile.op.BinaryOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link BinaryOp}. */
public final class BinaryCases implements OpCases {
    private static final Draw A = Draw.uniform(-3, 3).awayFrom(0, 0.05);
    private static final Draw B = Draw.uniform(0.5, 2);

    /** For {@link OpCases#of}. */
    public BinaryCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            cases.add(described(function, "one shape")
                    .input(A, 17, 31)
                    .input(B, 17, 31)
                    .inPlace(0)
                    .formula(in -> formula(function, in[0], in[1])));
            cases.add(
                    described(function, "over b").input(A, 7, 5).input(B, 7, 5).inPlace(1));
            cases.add(described(function, "several tasks").input(A, 150_001).input(B, 150_001));
            cases.add(described(function, "row").input(A, 17, 31).input(B, 31).inPlace(0));
            cases.add(described(function, "several tasks of rows")
                    .input(A, 431, 357)
                    .input(B, 357));
            cases.add(described(function, "column").input(A, 17, 31).input(B, 17, 1));
            cases.add(described(function, "scalar").input(A, 3, 11).input(B));
            cases.add(described(function, "scalar in front").input(A).input(B, 5, 7));
            cases.add(described(function, "both").input(A, 13, 1).input(B, 1, 19));
            cases.add(described(function, "rank 6").input(A, 2, 1, 2, 3, 1, 5).input(B, 3, 1, 1, 2, 5));
            cases.add(described(function, "nothing").input(A, 0, 5).input(B, 5).zeros());
            cases.add(new OpCase(new BinaryOp(function), "extremes")
                    .input(Draw.values(0, -0.0, 1, Float.NaN, Float.POSITIVE_INFINITY, 3e38, -3e38, 0x1p-149), 8, 1)
                    .input(Draw.values(0, 2, Float.NEGATIVE_INFINITY, 3e38, 0x1p-120, 0x1p-149, Float.NaN), 7)
                    .forward(Budget.exact("one rounding")));
        }
        return cases;
    }

    private static OpCase described(Function function, String label) {
        boolean linear = function == Function.ADD || function == Function.SUB;
        Budget sums = new Budget(
                1,
                0,
                linear ? 2 : 4,
                Double.POSITIVE_INFINITY,
                "sums in double, one for each run of axes, of rounded terms");
        return new OpCase(new BinaryOp(function), label + " " + function)
                .forward(Budget.exact("one rounding"))
                .backward(sums);
    }

    private static double[] formula(Function function, double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = function == Function.ADD
                    ? a[i] + b[i]
                    : function == Function.SUB ? a[i] - b[i] : function == Function.MUL ? a[i] * b[i] : a[i] / b[i];
        }
        return y;
    }
}
