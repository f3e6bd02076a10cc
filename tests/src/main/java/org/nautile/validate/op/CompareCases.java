package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.backend.CompareKernel.Function;
import org.nautile.op.CompareOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link CompareOp}. */
public final class CompareCases implements OpCases {
    private static final Draw FEW = Draw.integers(-2, 2);

    /** For {@link OpCases#of}. */
    public CompareCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            cases.add(described(function, "one shape")
                    .input(FEW, 17, 31)
                    .input(FEW, 17, 31)
                    .formula(in -> formula(function, in[0], in[1])));
            cases.add(described(function, "several tasks").input(FEW, 150_001).input(FEW, 150_001));
            cases.add(described(function, "row").input(FEW, 17, 31).input(FEW, 31));
            cases.add(described(function, "column").input(FEW, 17, 1).input(FEW, 17, 19));
            cases.add(described(function, "scalar").input(FEW, 3, 11).input(Draw.values(1)));
            cases.add(described(function, "rank 6").input(FEW, 2, 1, 2, 3, 1, 5).input(FEW, 3, 1, 1, 2, 5));
            cases.add(described(function, "nothing").input(FEW, 0, 5).input(FEW, 5));
            cases.add(described(function, "extremes")
                    .input(Draw.values(0, -0.0, 1, Float.NaN, Float.POSITIVE_INFINITY, 3e38, -3e38, 0x1p-149), 8, 1)
                    .input(
                            Draw.values(0, 1, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 0x1p-149, Float.NaN),
                            6));
        }
        return cases;
    }

    private static OpCase described(Function function, String label) {
        return new OpCase(new CompareOp(function), label + " " + function).forward(Budget.exact("0 or 1"));
    }

    private static double[] formula(Function function, double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            int order = Double.compare(a[i], b[i]);
            boolean holds = switch (function) {
                case EQ -> order == 0;
                case NE -> order != 0;
                case LT -> order < 0;
                case LE -> order <= 0;
                case GT -> order > 0;
                case GE -> order >= 0;
            };
            y[i] = holds ? 1 : 0;
        }
        return y;
    }
}
