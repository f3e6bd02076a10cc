package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.backend.LossReduction;
import org.nautile.op.CrossEntropyOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link CrossEntropyOp}. */
public final class CrossEntropyCases implements OpCases {
    private static final Draw X = Draw.normal(0, 2);
    private static final Draw WEIGHT = Draw.uniform(0.5, 2);
    private static final long IGNORE = CrossEntropyOp.IGNORE;

    /** For {@link OpCases#of}. */
    public CrossEntropyCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(LossReduction.MEAN, 0, "mean", X, 10, 7).formula(in -> mean(in[0], in[1], 10)),
                described(LossReduction.SUM, 0, "sum", X, 5, 13),
                described(LossReduction.NONE, 0, "none", X, 17, 11),
                described(LossReduction.MEAN, 0.125, "label smoothing", X, 10, 23),
                described(LossReduction.NONE, 1, "nothing but smoothing", X, 3, 5),
                described(LossReduction.MEAN, 0, "two classes", X, 2, 64),
                described(LossReduction.MEAN, 0, "one class", X, 1, 7).zeros(),
                described(LossReduction.MEAN, 0, "many classes", X, 1031, 3),
                described(LossReduction.MEAN, 0, "several tasks", X, 10, 15_013),
                described(LossReduction.MEAN, 0.125, "classes by fours", X, 1000, 5),
                described(LossReduction.NONE, 0.125, "many classes by fours", X, 1500, 3),
                described(LossReduction.NONE, 0, "large scores", Draw.normal(0, 3000), 7, 19),
                described(LossReduction.NONE, 0, "negative scores", Draw.uniform(-2000, -1990), 9, 8),
                new OpCase(new CrossEntropyOp(), "ignored examples")
                        .input(X, 9, 4)
                        .input(DType.INT64, Draw.values(2, IGNORE, 0, IGNORE, 3), 9)
                        .forward(loss())
                        .backward(gradient()),
                new OpCase(new CrossEntropyOp(LossReduction.SUM, 0.25, 2), "ignored class")
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
                described(LossReduction.NONE, 0, "nothing", X, 4, 0),
                described(LossReduction.MEAN, 0, "class weights", X, 5, 13).constant(WEIGHT, 5),
                described(LossReduction.MEAN, 0.25, "class weights, smoothing", X, 19, 6)
                        .constant(WEIGHT, 19),
                described(LossReduction.NONE, 0.25, "class weights, smoothing", X, 9, 6)
                        .constant(WEIGHT, 9),
                new OpCase(new CrossEntropyOp(), "class weights, ignored, per pixel")
                        .input(X, 2, 5, 3, 3)
                        .input(DType.INT64, Draw.values(2, IGNORE, 0, 4, 3), 2, 3, 3)
                        .constant(WEIGHT, 5)
                        .forward(loss())
                        .backward(gradient()),
                probabilities(LossReduction.MEAN, 0, "probabilities", 11, 10)
                        .formula(in -> meanOfProbabilities(in[0], in[1], 10)),
                probabilities(LossReduction.NONE, 0.125, "probabilities, smoothing", 5, 21),
                probabilities(LossReduction.SUM, 0.125, "probabilities, class weights", 7, 17)
                        .constant(WEIGHT, 17),
                probabilities(LossReduction.MEAN, 0, "probabilities, several tasks", 150, 317),
                probabilities(LossReduction.MEAN, 0, "probabilities per pixel", 2, 3, 2, 5),
                logProbabilities(LossReduction.MEAN, 0, "log-probabilities", 9, 13)
                        .constant(WEIGHT, 13),
                logProbabilities(LossReduction.NONE, 0.25, "log-probabilities, smoothing", 9, 3));
    }

    private static OpCase probabilities(LossReduction reduction, double smoothing, String label, long... dims) {
        return new OpCase(new CrossEntropyOp(reduction, smoothing, IGNORE), label)
                .input(X, dims)
                .constant(Draw.uniform(0, 0.2), dims)
                .forward(loss())
                .backward(gradient());
    }

    private static OpCase logProbabilities(
            LossReduction reduction, double smoothing, String label, int rows, int classes) {
        return new OpCase(new CrossEntropyOp(reduction, smoothing, IGNORE, true), label)
                .input(Draw.uniform(-5, 0), rows, classes)
                .input(DType.INT64, Draw.integers(0, classes - 1), rows)
                .forward(loss())
                .backward(gradient());
    }

    private static OpCase described(
            LossReduction reduction, double smoothing, String label, Draw scores, int classes, int rows) {
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

    private static double[] meanOfProbabilities(double[] x, double[] target, int classes) {
        double loss = 0;
        int rows = x.length / classes;
        for (int r = 0; r < rows; r++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(x[r * classes + c]);
            }
            for (int c = 0; c < classes; c++) {
                loss -= target[r * classes + c] * Math.log(Math.exp(x[r * classes + c]) / sum) / rows;
            }
        }
        return new double[] {loss};
    }
}
