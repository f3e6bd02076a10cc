package org.nautile.validate.op;

import java.util.List;
import org.nautile.op.TopkOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link TopkOp}. */
public final class TopkCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);

    /** For {@link OpCases#of}. */
    public TopkCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(3, 1, "last axis").input(NORMAL, 7, 13).formula(in -> rows(in[0], 13, 3)),
                described(1, -1, "the largest").input(NORMAL, 15_013, 11).formula(in -> rows(in[0], 11, 1)),
                described(5, 0, "first axis").input(NORMAL, 13, 7),
                described(2, 1, "middle axis").input(NORMAL, 3, 17, 5),
                described(19, 1, "all of them").input(NORMAL, 5, 19).formula(in -> rows(in[0], 19, 19)),
                described(7, 1, "long rows").input(NORMAL, 3, 4099).formula(in -> rows(in[0], 4099, 7)),
                described(40, 0, "a vector").input(NORMAL, 1031),
                described(6, 1, "ties").input(Draw.integers(0, 2), 11, 37).formula(in -> rows(in[0], 37, 6)),
                described(9, 1, "no numbers, and signs of zero")
                        .input(
                                Draw.values(
                                        0,
                                        -0.0,
                                        Float.NaN,
                                        1,
                                        Float.NEGATIVE_INFINITY,
                                        Float.POSITIVE_INFINITY,
                                        -1,
                                        0x1p-149),
                                3,
                                35),
                described(4, 1, "growing").input((random, index) -> index, 2, 301),
                described(4, 1, "falling").input((random, index) -> -index, 2, 301),
                described(1, 1, "one column").input(NORMAL, 5, 1).zeros(),
                described(2, 1, "nothing").input(NORMAL, 0, 5));
    }

    private static OpCase described(long k, int axis, String label) {
        return new OpCase(new TopkOp(k, axis), label).forward(Budget.exact("places"));
    }

    /** The largest that is left, k times. */
    private static double[] rows(double[] x, int cols, int k) {
        double[] rest = x.clone();
        double[] y = new double[x.length / cols * k];
        for (int i = 0; i < y.length; i++) {
            int row = i / k * cols;
            int best = 0;
            for (int c = 1; c < cols; c++) {
                best = rest[row + c] > rest[row + best] ? c : best;
            }
            rest[row + best] = Double.NEGATIVE_INFINITY;
            y[i] = best;
        }
        return y;
    }
}
