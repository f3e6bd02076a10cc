package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.op.ScaleOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link ScaleOp}. Factors are float32 numbers: rounding them is not the kernel's error. */
public final class ScaleCases implements OpCases {
    /** For {@link OpCases#of}. */
    public ScaleCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        Draw x = Draw.normal(0, 3);
        double third = (float) (1 / 3.0);
        for (double[] factors : new double[][] {{2, 0}, {-0.375, 1.5}, {third, -1}, {0, 7}}) {
            ScaleOp op = new ScaleOp(factors[0], factors[1]);
            cases.add(described(op, "one vector and a tail").input(x, 3, 7).formula(in -> formula(op, in[0])));
            cases.add(described(op, "several tasks").input(x, 150_001));
        }
        cases.add(described(new ScaleOp(-1, 0), "scalar").input(x));
        cases.add(described(new ScaleOp(1.5, 0.5), "extremes")
                .input(Draw.values(Double.NaN, Double.POSITIVE_INFINITY, 3e38, -3e38, 0x1p-149, -0.0), 6)
                .rough());
        cases.add(described(new ScaleOp(3, 1), "nothing").input(x, 0));
        return cases;
    }

    private static OpCase described(ScaleOp op, String label) {
        OpCase test = new OpCase(op, label + " " + op.alpha() + " x + " + op.beta())
                .forward(Budget.ulp(1, "two roundings: of alpha x, and of the sum")
                        .plus(1e-6))
                .backward(Budget.exact("one rounding"))
                .inPlace(0);
        return op.alpha() == 0 ? test.zeros() : test;
    }

    private static double[] formula(ScaleOp op, double... x) {
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] = y[i] * op.alpha() + op.beta();
        }
        return y;
    }
}
