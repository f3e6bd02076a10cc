package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.op.GroupNormOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link GroupNormOp}. Eps is a float32 number: rounding it is not the kernel's error. */
public final class GroupNormCases implements OpCases {
    private static final double EPS = 0x1p-17;
    private static final Draw NORMAL = Draw.normal(0, 2);

    /** For {@link OpCases#of}. */
    public GroupNormCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        cases.add(described(3, "rows", NORMAL, 5, 12).formula(in -> formula(in[0], in[1], in[2], 4)));
        cases.add(described(1, "one group", NORMAL, 3, 7, 5));
        cases.add(described(2, "pictures", NORMAL, 3, 10, 4, 7));
        cases.add(described(5, "instances", NORMAL, 2, 5, 3, 7));
        cases.add(described(70, "groups of two", NORMAL, 2, 140, 3, 5));
        cases.add(described(2, "large groups", NORMAL, 3, 166, 2, 3));
        cases.add(described(1, "one large group", NORMAL, 1, 520, 9, 8));
        cases.add(described(3, "several tasks", NORMAL, 3, 39, 37, 29));
        cases.add(described(4, "large mean", Draw.uniform(10_000, 10_001), 3, 8, 23, 17));
        cases.add(described(1, "first element far off", Draw.values(1000, 0.5, -1, 0.25, 2, -0.5, 1), 2, 2, 5, 7));
        cases.add(described(2, "infinite: NaN", Draw.values(1, Double.POSITIVE_INFINITY, 2, 3, 4, 5, 6, 7), 2, 4, 2, 2)
                .rough());
        cases.add(described(4, "equal elements: zeros", Draw.values(0.1), 2, 4, 3, 5));
        cases.add(described(2, "no examples", NORMAL, 0, 6, 2, 3).zeros());
        cases.add(described(2, "no places", NORMAL, 2, 6, 0, 3).zeros());
        cases.add(budgets(new OpCase(new GroupNormOp(2, EPS), "no bias")
                .input(NORMAL, 3, 6, 5, 4)
                .input(NORMAL, 6)));
        cases.add(budgets(new OpCase(new GroupNormOp(3, EPS), "no weight").input(NORMAL, 3, 6, 5, 4)));
        return cases;
    }

    private static OpCase described(long groups, String label, Draw draw, long... shape) {
        return budgets(new OpCase(new GroupNormOp(groups, EPS), label)
                .input(draw, shape)
                .input(NORMAL, shape[1])
                .input(NORMAL, shape[1]));
    }

    private static OpCase budgets(OpCase test) {
        return test.forward(Budget.ulp(4, "the contract of group_norm.h: elements of order 10")
                        .plus(4e-6))
                .backward(Budget.ulp(16, "differences and sums of terms of order 10 / std")
                        .plus(2e-5))
                .inPlace(0);
    }

    /** For rows of groups of so many channels. */
    private static double[] formula(double[] x, double[] weight, double[] bias, int size) {
        int channels = weight.length;
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            double squares = 0;
            for (int k = i / size * size; k < i / size * size + size; k++) {
                sum += x[k];
                squares += x[k] * x[k];
            }
            double mean = sum / size;
            double std = Math.sqrt(squares / size - mean * mean + EPS);
            y[i] = (x[i] - mean) / std * weight[i % channels] + bias[i % channels];
        }
        return y;
    }
}
