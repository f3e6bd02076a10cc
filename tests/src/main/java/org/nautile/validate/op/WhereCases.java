package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.op.WhereOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link WhereOp}. */
public final class WhereCases implements OpCases {
    private static final Draw CONDITION = Draw.values(0, 1, 1, 0, 255, 0, 2);
    private static final Draw A = Draw.uniform(1, 2);
    private static final Draw B = Draw.uniform(-2, -1);

    /** For {@link OpCases#of}. */
    public WhereCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described("one shape", 17, 31)
                        .input(A, 17, 31)
                        .input(B, 17, 31)
                        .inPlace(1)
                        .formula(in -> formula(in[0], in[1], in[2])),
                described("over b", 7, 5).input(A, 7, 5).input(B, 7, 5).inPlace(2),
                described("several tasks", 150_001).input(A, 150_001).input(B, 150_001),
                described("a row of conditions", 31).input(A, 17, 31).input(B, 17, 31),
                described("a column of conditions", 17, 1).input(A, 17, 31).input(B, 17, 31),
                described("several tasks of rows", 431, 357).input(A, 357).input(B, 431, 1),
                described("two scalars", 5, 13).input(A).input(B),
                described("one condition").input(A, 3, 1).input(B, 7).zeros(),
                described("all broadcast", 13, 1, 1).input(A, 5, 1).input(B, 1, 19),
                described("rank 6", 2, 1, 2, 3, 1, 5).input(A, 3, 1, 1, 2, 5).input(B, 2, 1),
                described("nothing", 0, 5).input(A, 5).input(B, 0, 5).zeros(),
                described("extremes", 5, 1)
                        .input(Draw.values(0, -0.0, Float.NaN, Float.NEGATIVE_INFINITY), 4)
                        .input(Draw.values(Float.NaN, 3e38, Float.POSITIVE_INFINITY, 0x1p-149), 4)
                        .rough());
    }

    private static OpCase described(String label, long... condition) {
        return new OpCase(new WhereOp(), label)
                .input(DType.UINT8, CONDITION, condition)
                .forward(Budget.exact("a copy"))
                .backward(Budget.ulp(1, "sums in double, one for each run of axes")
                        .plus(1e-7));
    }

    private static double[] formula(double[] condition, double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = condition[i] == 0 ? b[i] : a[i];
        }
        return y;
    }
}
