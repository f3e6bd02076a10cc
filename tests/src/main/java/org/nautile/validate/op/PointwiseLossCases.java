package org.nautile.validate.op;

import java.util.List;
import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel.Function;
import org.nautile.op.PointwiseLossOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCase.Overwrites;
import org.nautile.validate.OpCases;

/** Cases of {@link PointwiseLossOp}. */
public final class PointwiseLossCases implements OpCases {
    private static final Draw X = Draw.normal(0, 2);
    private static final Draw PROBABILITY = Draw.uniform(0.02, 0.98);
    private static final Draw LOG_PROBABILITY = Draw.uniform(-4, -0.01);
    private static final Draw LABEL = Draw.integers(0, 1);
    private static final Draw WEIGHT = Draw.uniform(0.5, 2);

    /** For {@link OpCases#of}. */
    public PointwiseLossCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                of(Function.MSE, LossReduction.MEAN, "mse mean", X, X, 7, 13)
                        .formula(in -> mean(in[0], in[1]))
                        .gradientOver(Overwrites.INPUT),
                of(Function.MSE, LossReduction.NONE, "mse none", X, X, 5, 11).gradientOver(Overwrites.UPSTREAM),
                of(Function.MSE, LossReduction.SUM, "mse sum, several tasks", X, X, 40_009),
                of(Function.MSE, LossReduction.SUM, "mse, integers", Draw.integers(-3, 3), Draw.integers(-3, 3), 101)
                        .forward(Budget.exact("integers"))
                        .backward(Budget.exact("integers")),
                of(Function.MSE, LossReduction.NONE, "mse, NaN", Draw.values(1, Double.NaN, 2), X, 19)
                        .rough(),
                of(Function.MSE, LossReduction.MEAN, "mse, nothing: NaN", X, X, 0, 3),
                of(Function.MSE, LossReduction.MEAN, "mse of pictures", X, X, 2, 3, 5, 7),
                of(Function.MSE, LossReduction.NONE, "mse of pictures", X, X, 2, 3, 5, 7)
                        .constant(WEIGHT, 3, 1, 1),
                of(Function.L1, LossReduction.MEAN, "l1", X, X, 9, 17),
                of(Function.L1, LossReduction.NONE, "l1, equal", Draw.values(1, 2, Double.NaN), Draw.values(1, 3), 23)
                        .rough(),
                huber(1.0, LossReduction.MEAN, 8, 19),
                huber(0.5, LossReduction.NONE, 3, 21),
                huber(3.0, LossReduction.SUM, 37),
                of(Function.BCE, LossReduction.MEAN, "bce", PROBABILITY, PROBABILITY, 7, 13),
                of(Function.BCE, LossReduction.NONE, "bce, labels", PROBABILITY, LABEL, 5, 19),
                of(Function.BCE, LossReduction.NONE, "bce, near 0", Draw.uniform(1e-9, 1e-6), LABEL, 41)
                        .rough(),
                of(
                                Function.BCE,
                                LossReduction.NONE,
                                "bce, sure and not probable",
                                Draw.values(0, 1, 0, 1, 2, -1, Double.NaN),
                                Draw.values(0, 1, 1, 0),
                                28)
                        .rough(),
                of(Function.BCE, LossReduction.MEAN, "bce, weights", PROBABILITY, LABEL, 6, 5)
                        .constant(WEIGHT, 6, 1),
                of(Function.BCE_WITH_LOGITS, LossReduction.MEAN, "bce with logits", X, LABEL, 7, 13)
                        .formula(in -> bceWithLogits(in[0], in[1])),
                of(Function.BCE_WITH_LOGITS, LossReduction.NONE, "bce with logits, soft", X, PROBABILITY, 5, 11),
                of(
                                Function.BCE_WITH_LOGITS,
                                LossReduction.NONE,
                                "bce with logits, large",
                                Draw.values(100, -100, 1e30, -1e30, 30, -30, Double.NaN),
                                Draw.values(0, 1),
                                28)
                        .rough(),
                of(Function.BCE_WITH_LOGITS, LossReduction.SUM, "bce with logits, pos_weight", X, LABEL, 4, 3, 5)
                        .constant(WEIGHT, 4, 3, 5)
                        .constant(WEIGHT, 5),
                of(Function.BCE_WITH_LOGITS, LossReduction.SUM, "bce with logits, several tasks", X, LABEL, 17, 1031),
                of(Function.KL_DIV, LossReduction.MEAN, "kl_div", LOG_PROBABILITY, PROBABILITY, 7, 13),
                of(Function.KL_DIV, LossReduction.NONE, "kl_div, zeros", LOG_PROBABILITY, Draw.values(0, 0.5, 1), 29)
                        .rough(),
                of(Function.KL_DIV_LOG_TARGET, LossReduction.SUM, "kl_div", LOG_PROBABILITY, LOG_PROBABILITY, 7, 13));
    }

    private static OpCase huber(double delta, LossReduction reduction, long... dims) {
        return budgets(
                new OpCase(new PointwiseLossOp(Function.HUBER, delta, reduction), "huber " + delta)
                        .input(X, dims)
                        .input(X, dims),
                Function.HUBER);
    }

    private static OpCase of(
            Function function, LossReduction reduction, String label, Draw x, Draw target, long... dims) {
        return budgets(
                new OpCase(new PointwiseLossOp(function, reduction), label)
                        .input(x, dims)
                        .input(target, dims),
                function);
    }

    private static OpCase budgets(OpCase test, Function function) {
        return switch (function) {
            case MSE, L1, HUBER ->
                test.forward(Budget.ulp(3, "the contract of pointwise_loss.h"))
                        .backward(Budget.ulp(4, "a product of a difference and a gradient"));
            case BCE, BCE_WITH_LOGITS ->
                test.forward(Budget.ulp(8, "the contract of pointwise_loss.h"))
                        .backward(Budget.ulp(8, "two terms, which may cancel").plus(1e-6));
            case KL_DIV, KL_DIV_LOG_TARGET ->
                test.forward(Budget.ulp(8, "terms of order 1, which may cancel").plus(2e-6))
                        .backward(Budget.ulp(8, "terms of order 1, which may cancel")
                                .plus(2e-6));
        };
    }

    private static double[] mean(double[] x, double[] target) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * x[i] - 2 * x[i] * target[i] + target[i] * target[i];
        }
        return new double[] {sum / x.length};
    }

    private static double[] bceWithLogits(double[] x, double[] target) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double p = 1 / (1 + Math.exp(-x[i]));
            sum -= Math.log(target[i] == 1 ? p : 1 - p);
        }
        return new double[] {sum / x.length};
    }
}
