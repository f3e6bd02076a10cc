package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.MatmulPrecision;
import org.nautile.op.LinearOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link LinearOp}. */
public final class LinearCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);

    /** For {@link OpCases#of}. */
    public LinearCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        // batch, in, out: one, below and above the register tiles, the course's layers, more than one block of the sum
        int[][] sizes = {
            {1, 1, 1}, {1, 7, 3}, {5, 1, 11}, {64, 784, 64}, {64, 32, 10}, {17, 391, 37}, {131, 53, 97}, {3, 1, 1}
        };
        for (int[] size : sizes) {
            cases.add(described(Draw.integers(-4, 4), "integers", size)
                    .forward(Budget.exact("integers below 2^24"))
                    .backward(Budget.exact("integers below 2^24"))
                    .upstream(Draw.integers(1, 4)));
            cases.add(described(NORMAL, "normal", size)
                    .forward(Budget.product(size[1] + 1))
                    .backward(Budget.product(Math.max(size[0], size[2]))));
        }
        for (MatmulPrecision precision : List.of(MatmulPrecision.HIGH, MatmulPrecision.MEDIUM)) {
            for (int[] size : new int[][] {{64, 784, 64}, {131, 533, 97}}) {
                cases.add(described(Draw.integers(-4, 4), precision + " integers", size)
                        .precision(precision)
                        .forward(Budget.exact("integers of 8 bits, sums below 2^24"))
                        .backward(Budget.exact("integers of 8 bits, sums below 2^24"))
                        .upstream(Draw.integers(1, 4)));
            }
        }
        cases.add(described(NORMAL, "several tasks", 353, 149, 281)
                .forward(Budget.product(150))
                .backward(Budget.product(353)));
        cases.add(described(NORMAL, "on tensor cores", 529, 170, 1096)
                .forward(Budget.product(171))
                .backward(Budget.product(1096)));
        cases.add(described(Draw.uniform(-1, 1), "formula", 3, 5, 2)
                .forward(Budget.product(6))
                .backward(Budget.product(3))
                .formula(in -> formula(in[0], in[1], in[2], 5, 2)));
        cases.add(new OpCase(new LinearOp(), "no bias")
                .input(NORMAL, 9, 14)
                .input(NORMAL, 6, 14)
                .forward(Budget.product(14))
                .backward(Budget.product(9)));
        cases.add(new OpCase(new LinearOp(), "two batch axes")
                .input(NORMAL, 2, 3, 13)
                .input(NORMAL, 5, 13)
                .input(NORMAL, 5)
                .forward(Budget.product(14))
                .backward(Budget.product(6)));
        cases.add(new OpCase(new LinearOp(), "no batch axis")
                .input(NORMAL, 13)
                .input(NORMAL, 5, 13)
                .input(NORMAL, 5)
                .forward(Budget.product(14))
                .backward(Budget.product(5)));
        cases.add(described(NORMAL, "no examples", 0, 3, 2)
                .forward(Budget.product(4))
                .backward(Budget.product(2))
                .zeros());
        return cases;
    }

    private static OpCase described(Draw draw, String label, int... size) {
        return new OpCase(new LinearOp(), label)
                .input(draw, size[0], size[1])
                .input(draw, size[2], size[1])
                .input(draw, size[2]);
    }

    private static double[] formula(double[] x, double[] weight, double[] bias, int in, int out) {
        double[] y = new double[x.length / in * out];
        for (int i = 0; i < y.length; i++) {
            y[i] = bias[i % out];
            for (int k = 0; k < in; k++) {
                y[i] += x[i / out * in + k] * weight[i % out * in + k];
            }
        }
        return y;
    }
}
