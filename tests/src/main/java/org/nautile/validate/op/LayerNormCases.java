package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.op.LayerNormOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link LayerNormOp}. Eps is a float32 number: rounding it is not the kernel's error. */
public final class LayerNormCases implements OpCases {
    private static final double EPS = 0x1p-17;
    private static final Draw NORMAL = Draw.normal(0, 2);

    /** For {@link OpCases#of}. */
    public LayerNormCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        cases.add(described("rows", NORMAL, 7, 13).formula(in -> formula(in[0], in[1], in[2])));
        cases.add(described("one row", NORMAL, 1, 17));
        cases.add(described("wide", NORMAL, 3, 3001));
        cases.add(described("wide, by fours", NORMAL, 3, 2052));
        cases.add(described("very wide, by fours", NORMAL, 2, 4104));
        cases.add(described("large mean", Draw.uniform(10_000, 10_001), 11, 768));
        cases.add(described("as wide as a warp takes, several blocks", NORMAL, 35, 1012));
        cases.add(described("large mean, wide", Draw.uniform(-10_001, -10_000), 5, 1531));
        cases.add(described("small deviation", Draw.normal(1e-3, 1e-4), 5, 64));
        cases.add(described("one far off", Draw.values(1000, 0.5, -1, 0.25, 2, -0.5, 1), 3, 28));
        cases.add(described("several tasks", NORMAL, 1031, 37));
        cases.add(
                described("infinite and NaN: NaN", Draw.values(1, Double.POSITIVE_INFINITY, 2, 3, Double.NaN, 4), 2, 6)
                        .rough());
        cases.add(described("one column: zeros", NORMAL, 5, 1).zeros());
        cases.add(described("equal elements: zeros", Draw.values(0.1), 4, 19));
        cases.add(described("no rows", NORMAL, 0, 6).zeros());
        cases.add(described("no columns", NORMAL, 3, 0));
        cases.add(budgets(new OpCase(new LayerNormOp(1, EPS), "no bias")
                .input(NORMAL, 6, 29)
                .input(NORMAL, 29)));
        cases.add(budgets(new OpCase(new LayerNormOp(1, EPS), "no weight, two batch axes").input(NORMAL, 3, 5, 23)));
        cases.add(budgets(new OpCase(new LayerNormOp(1, EPS), "no batch axis").input(NORMAL, 23)));
        cases.add(budgets(new OpCase(new LayerNormOp(2, EPS), "two axes")
                .input(NORMAL, 3, 5, 7)
                .input(NORMAL, 5, 7)
                .input(NORMAL, 5, 7)));
        cases.add(budgets(new OpCase(new LayerNormOp(3, EPS), "pictures")
                .input(NORMAL, 2, 3, 5, 7)
                .input(NORMAL, 3, 5, 7)
                .input(NORMAL, 3, 5, 7)));
        return cases;
    }

    private static OpCase described(String label, Draw draw, long rows, long cols) {
        return budgets(new OpCase(new LayerNormOp(1, EPS), label)
                .input(draw, rows, cols)
                .input(NORMAL, cols)
                .input(NORMAL, cols));
    }

    private static OpCase budgets(OpCase test) {
        return test.forward(Budget.ulp(4, "the contract of layer_norm.h: elements of order 10")
                        .plus(4e-6))
                .backward(
                        Budget.ulp(16, "differences of terms of order 10 / std").plus(2e-5))
                .inPlace(0)
                .gradientOver(OpCase.Overwrites.UPSTREAM);
    }

    private static double[] formula(double[] x, double[] weight, double[] bias) {
        int cols = weight.length;
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            double squares = 0;
            for (int c = 0; c < cols; c++) {
                double value = x[i / cols * cols + c];
                sum += value;
                squares += value * value;
            }
            double mean = sum / cols;
            y[i] = (x[i] - mean) / Math.sqrt(squares / cols - mean * mean + EPS) * weight[i % cols] + bias[i % cols];
        }
        return y;
    }
}
