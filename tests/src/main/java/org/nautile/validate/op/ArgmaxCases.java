package org.nautile.validate.op;

import java.util.List;
import org.nautile.op.ArgmaxOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link ArgmaxOp}. */
public final class ArgmaxCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);

    /** For {@link OpCases#of}. */
    public ArgmaxCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(1, "last axis").input(NORMAL, 7, 13).formula(in -> rows(in[0], 13)),
                described(-1, "many rows").input(NORMAL, 15_013, 11),
                described(0, "first axis").input(NORMAL, 13, 7),
                described(1, "middle axis").input(NORMAL, 3, 17, 5),
                described(-1, "long").input(NORMAL, 3, 20_011),
                described(-1, "by fours").input(NORMAL, 5, 1000),
                described(-1, "long, by fours").input(NORMAL, 3, 2004),
                described(-1, "very long, by fours").input(NORMAL, 2, 5000),
                described(1, "equals by fours: the first").input(Draw.integers(0, 2), 11, 200),
                described(0, "one element").input(NORMAL, 1).zeros(),
                described(1, "equals: the first").input(Draw.integers(0, 2), 11, 19),
                described(1, "negative").input(Draw.uniform(-9, -8), 5, 23),
                described(1, "the first NaN")
                        .input(Draw.values(1, 2, Double.NaN, 5, Double.NaN, 3, Double.POSITIVE_INFINITY), 4, 7),
                described(1, "infinities")
                        .input(Draw.values(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, -3e38), 2, 3),
                described(0, "no rows").input(NORMAL, 3, 0));
    }

    private static OpCase described(int axis, String label) {
        return new OpCase(new ArgmaxOp(axis, axis == 0), label).forward(Budget.exact("an index"));
    }

    private static double[] rows(double[] x, int cols) {
        double[] places = new double[x.length / cols];
        for (int r = 0; r < places.length; r++) {
            for (int c = cols - 1; c >= 0; c--) {
                places[r] = x[r * cols + c] >= x[r * cols + (int) places[r]] ? c : places[r];
            }
        }
        return places;
    }
}
