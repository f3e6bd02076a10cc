package org.nautile.validate.op;

import java.util.List;
import java.util.function.IntFunction;
import org.nautile.op.Op;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;

/** The cases that softmax and log-softmax share. */
final class Lines {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private Lines() {}

    /** An element of the result from the line x, its place, and the sum of exp(x). */
    interface Formula {
        double of(double[] x, int i, double sum);
    }

    static List<OpCase> cases(IntFunction<Op> op, Budget forward, Budget backward, Formula formula) {
        Draw normal = Draw.normal(0, 3);
        return List.of(
                        new OpCase(op.apply(-1), "rows")
                                .input(normal, 7, 13)
                                .formula(in -> rows(in[0], 13, formula))
                                .inPlace(0),
                        new OpCase(op.apply(1), "one row").input(normal, 1, 17).inPlace(0),
                        new OpCase(op.apply(0), "rank 1").input(normal, 5).inPlace(0),
                        new OpCase(op.apply(0), "first axis")
                                .input(normal, 11, 6)
                                .inPlace(0),
                        new OpCase(op.apply(1), "middle axis")
                                .input(normal, 3, 10, 5)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "wide").input(normal, 3, 1031).inPlace(0),
                        new OpCase(op.apply(-1), "by fours")
                                .input(normal, 5, 204)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "wide, by fours")
                                .input(normal, 3, 1996)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "very wide, by fours")
                                .input(normal, 2, 4100)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "several tasks")
                                .input(normal, 5003, 37)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "negative")
                                .input(Draw.uniform(-990, -980), 9, 8)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "far apart")
                                .input(Draw.uniform(-2000, 2000), 5, 19)
                                .inPlace(0),
                        new OpCase(op.apply(-1), "masked")
                                .input(Draw.values(0.5, -INFINITY, 2, -INFINITY, -1), 4, 5)
                                .rough()
                                .inPlace(0),
                        new OpCase(op.apply(-1), "infinite rows and NaN: NaN")
                                .input(Draw.values(-INFINITY, -INFINITY, 1, INFINITY, Double.NaN, 2), 3, 2)
                                .rough()
                                .inPlace(0),
                        new OpCase(op.apply(1), "one column")
                                .input(normal, 6, 1)
                                .zeros()
                                .inPlace(0),
                        new OpCase(op.apply(1), "nothing").input(normal, 0, 4),
                        new OpCase(op.apply(1), "nothing: no columns").input(normal, 4, 0))
                .stream()
                .map(test -> test.forward(forward).backward(backward).gradientOver(OpCase.Overwrites.UPSTREAM))
                .toList();
    }

    private static double[] rows(double[] x, int cols, Formula formula) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            for (int c = 0; c < cols; c++) {
                sum += Math.exp(x[i / cols * cols + c]);
            }
            y[i] = formula.of(x, i, sum);
        }
        return y;
    }
}
