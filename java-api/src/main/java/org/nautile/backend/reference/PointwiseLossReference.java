package org.nautile.backend.reference;

import static org.nautile.backend.reference.ActivationReference.sigmoid;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel;

final class PointwiseLossReference implements PointwiseLossKernel {
    private static final double LOG_FLOOR = -100;
    private static final double SLOPE_FLOOR = 1e-12;

    @Override
    public void forward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            @Nullable Tensor posWeight,
            Tensor loss,
            Function function,
            double delta,
            LossReduction reduction) {
        double[] inputs = Values.read(x);
        double[] targets = Values.read(target);
        double[] weights = Values.read(weight, inputs.length, 1);
        double[] posWeights = Values.read(posWeight, inputs.length, 1);
        double[] losses = new double[inputs.length];
        Arrays.setAll(losses, i -> weights[i] * loss(function, delta, inputs[i], targets[i], posWeights[i]));
        double sum = Arrays.stream(losses).sum();
        switch (reduction) {
            case NONE -> Values.write(losses, loss);
            case SUM -> Values.write(new double[] {sum}, loss);
            case MEAN -> Values.write(new double[] {sum / losses.length}, loss);
        }
    }

    @Override
    public void backward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            @Nullable Tensor posWeight,
            Tensor dloss,
            Tensor dx,
            Function function,
            double delta,
            LossReduction reduction,
            boolean byTarget,
            boolean accumulate) {
        double[] inputs = Values.read(x);
        double[] targets = Values.read(target);
        double[] weights = Values.read(weight, inputs.length, 1);
        double[] posWeights = Values.read(posWeight, inputs.length, 1);
        double[] upstream = Values.read(dloss);
        double[] gradient = new double[inputs.length];
        for (int i = 0; i < gradient.length; i++) {
            double g = switch (reduction) {
                case NONE -> upstream[i];
                case SUM -> upstream[0];
                case MEAN -> upstream[0] / gradient.length;
            };
            double slope = byTarget
                    ? slopeByTarget(function, delta, inputs[i], targets[i], posWeights[i])
                    : slope(function, delta, inputs[i], targets[i], posWeights[i]);
            gradient[i] = g * weights[i] * slope;
        }
        Values.write(gradient, dx, accumulate);
    }

    private static double loss(Function function, double delta, double x, double t, double posWeight) {
        double d = x - t;
        return switch (function) {
            case MSE -> d * d;
            case L1 -> Math.abs(d);
            case HUBER -> Math.abs(d) > delta ? delta * (Math.abs(d) - delta / 2) : d * d / 2;
            case BCE -> (t - 1) * bounded(Math.log1p(-x)) - t * bounded(Math.log(x));
            case BCE_WITH_LOGITS -> (1 - t) * softplus(x) + posWeight * t * softplus(-x);
            case KL_DIV -> (t == 0 ? 0 : t * Math.log(t)) - t * x;
            case KL_DIV_LOG_TARGET -> Math.exp(t) * -d;
        };
    }

    private static double slope(Function function, double delta, double x, double t, double posWeight) {
        double d = x - t;
        return switch (function) {
            case MSE -> 2 * d;
            case L1 -> Math.signum(d);
            case HUBER -> Math.abs(d) > delta ? delta * Math.signum(d) : d;
            case BCE -> d / Math.max((1 - x) * x, SLOPE_FLOOR);
            case BCE_WITH_LOGITS -> (1 - t) * sigmoid(x) - posWeight * t * sigmoid(-x);
            case KL_DIV -> -t;
            case KL_DIV_LOG_TARGET -> -Math.exp(t);
        };
    }

    private static double slopeByTarget(Function function, double delta, double x, double t, double posWeight) {
        return switch (function) {
            case MSE, L1, HUBER -> -slope(function, delta, x, t, posWeight);
            case BCE -> bounded(Math.log1p(-x)) - bounded(Math.log(x));
            case BCE_WITH_LOGITS -> posWeight * softplus(-x) - softplus(x);
            case KL_DIV -> Math.log(t) + 1 - x;
            case KL_DIV_LOG_TARGET -> Math.exp(t) * (t - x + 1);
        };
    }

    private static double bounded(double log) {
        return Math.max(log, LOG_FLOOR);
    }

    private static double softplus(double z) {
        return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    }
}
