package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.backend.CrossEntropyKernel.Reduction;
import org.nautile.op.CrossEntropyOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link CrossEntropyOp}. */
public final class CrossEntropyCases implements OpCases {
    private static final Draw X = Draw.normal(0, 2);
    private static final long IGNORE = CrossEntropyOp.IGNORE;

    /** For {@link OpCases#of}. */
    public CrossEntropyCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(Reduction.MEAN, 0, "mean", X, 10, 7).formula(in -> mean(in[0], in[1], 10)),
                described(Reduction.SUM, 0, "sum", X, 5, 13),
                described(Reduction.NONE, 0, "none", X, 17, 11),
                described(Reduction.MEAN, 0.125, "label smoothing", X, 10, 23),
                described(Reduction.NONE, 1, "nothing but smoothing", X, 3, 5),
                described(Reduction.MEAN, 0, "two classes", X, 2, 64),
                described(Reduction.MEAN, 0, "one class", X, 1, 7).zeros(),
                described(Reduction.MEAN, 0, "many classes", X, 1031, 3),
                described(Reduction.MEAN, 0, "several tasks", X, 10, 15_013),
                described(Reduction.NONE, 0, "large scores", Draw.normal(0, 3000), 7, 19)
                        .rough(),
                described(Reduction.NONE, 0, "negative scores", Draw.uniform(-2000, -1990), 9, 8),
                new OpCase(new CrossEntropyOp(), "ignored examples")
                        .input(X, 9, 4)
                        .input(DType.INT64, Draw.values(2, IGNORE, 0, IGNORE, 3), 9)
                        .forward(loss())
                        .backward(gradient()),
                new OpCase(new CrossEntropyOp(Reduction.SUM, 0.25, 2), "ignored class")
                        .input(X, 9, 4)
                        .input(DType.INT64, Draw.values(2, 1, 0, 2, 3), 9)
                        .forward(loss())
                        .backward(gradient()),
                new OpCase(new CrossEntropyOp(), "all ignored: NaN")
                        .input(X, 2, 4)
                        .input(DType.INT64, Draw.values(IGNORE), 2)
                        .forward(loss())
                        .backward(gradient())
                        .rough()
                        .zeros(),
                new OpCase(new CrossEntropyOp(), "per pixel")
                        .input(X, 2, 5, 3, 7)
                        .input(DType.INT64, Draw.integers(0, 4), 2, 3, 7)
                        .forward(loss())
                        .backward(gradient()),
                described(Reduction.NONE, 0, "nothing", X, 4, 0));
    }

    private static OpCase described(
            Reduction reduction, double smoothing, String label, Draw scores, int classes, int rows) {
        return new OpCase(new CrossEntropyOp(reduction, smoothing, IGNORE), label)
                .input(scores, rows, classes)
                .input(DType.INT64, Draw.integers(0, classes - 1), rows)
                .forward(loss())
                .backward(gradient());
    }

    private static Budget loss() {
        return Budget.ulp(4, "the contract of cross_entropy.h: differences of scores and of a logarithm")
                .plus(1e-6);
    }

    private static Budget gradient() {
        return Budget.ulp(8, "a softmax weight, rounded scores in the exponent").plus(1e-6);
    }

    private static double[] mean(double[] x, double[] target, int classes) {
        double loss = 0;
        for (int r = 0; r < target.length; r++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(x[r * classes + c]);
            }
            loss -= Math.log(Math.exp(x[r * classes + (int) target[r]]) / sum) / target.length;
        }
        return new double[] {loss};
    }
}
