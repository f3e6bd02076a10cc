package org.nautile.backend.reference;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.CrossEntropyKernel;
import org.nautile.backend.LossReduction;

final class CrossEntropyReference implements CrossEntropyKernel {
    @Override
    public void forward(Tensor x, Tensor target, @Nullable Tensor weight, Tensor loss, Tensor saved, Options options) {
        double[] scores = Values.read(x);
        double[] wanted = wanted(x, target, weight, options);
        int classes = (int) x.shape().dim(1);
        double[] losses = new double[(int) x.shape().dim(0)];
        double[] kept = new double[2 * losses.length + 1];
        for (int r = 0; r < losses.length; r++) {
            int row = r * classes;
            double max = 0;
            double logSum = 0;
            if (!options.logProbabilities()) {
                max = Arrays.stream(scores, row, row + classes).reduce(Double.NEGATIVE_INFINITY, Math::max);
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    sum += Math.exp(scores[row + c] - max);
                }
                logSum = Math.log(sum);
            }
            kept[2 * r] = max;
            kept[2 * r + 1] = logSum;
            for (int c = 0; c < classes; c++) {
                double q = wanted[row + c];
                // a class beside the label does not count, even where it is impossible: 0 times infinity would be NaN
                boolean counts = q != 0 || target.dtype().isFloating();
                losses[r] += counts ? q * (max + logSum - scores[row + c]) : 0;
            }
        }
        if (options.reduction() == LossReduction.NONE) {
            Values.write(losses, loss);
        } else {
            double divisor = options.reduction() == LossReduction.MEAN ? divisor(x, target, weight, options) : 1;
            kept[2 * losses.length] = divisor;
            Values.write(new double[] {Arrays.stream(losses).sum() / divisor}, loss);
        }
        Values.write(kept, saved);
    }

    @Override
    public void backward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Tensor saved,
            Tensor dloss,
            Tensor dx,
            Options options,
            boolean accumulate) {
        double[] scores = Values.read(x);
        double[] wanted = wanted(x, target, weight, options);
        double[] kept = Values.read(saved);
        double[] upstream = Values.read(dloss);
        long[] labels = labels(target);
        int classes = (int) x.shape().dim(1);
        double[] gradient = new double[scores.length];
        for (int r = 0; r < x.shape().dim(0); r++) {
            int row = r * classes;
            boolean none = options.reduction() == LossReduction.NONE;
            double g = none ? upstream[r] : upstream[0] / kept[kept.length - 1];
            double total = options.logProbabilities()
                    ? 0
                    : Arrays.stream(wanted, row, row + classes).sum();
            boolean ignored = labels.length > 0 && labels[r] == options.ignore();
            for (int c = 0; c < classes && !ignored; c++) {
                double share = total == 0 ? 0 : total * Math.exp(scores[row + c] - kept[2 * r] - kept[2 * r + 1]);
                gradient[row + c] = g * (share - wanted[row + c]);
            }
        }
        Values.write(gradient, dx, accumulate);
    }

    /** What each class weighs in the loss of its row, [rows, classes]. */
    private static double[] wanted(Tensor x, Tensor target, @Nullable Tensor weight, Options options) {
        int rows = (int) x.shape().dim(0);
        int classes = (int) x.shape().dim(1);
        double[] wanted = target.dtype().isFloating() ? Values.read(target) : new double[rows * classes];
        double[] weights = weights(weight, classes);
        long[] labels = labels(target);
        for (int r = 0; r < labels.length; r++) {
            if (labels[r] != options.ignore() && (labels[r] < 0 || labels[r] >= classes)) {
                throw new IllegalArgumentException(
                        "cross_entropy: target[" + r + "] is " + labels[r] + ", x has " + classes + " classes");
            }
            if (labels[r] != options.ignore()) {
                wanted[r * classes + (int) labels[r]] = 1;
            }
        }
        for (int i = 0; i < wanted.length; i++) {
            boolean ignored = labels.length > 0 && labels[i / classes] == options.ignore();
            double smooth = (1 - options.smoothing()) * wanted[i] + options.smoothing() / classes;
            wanted[i] = ignored ? 0 : weights[i % classes] * smooth;
        }
        return wanted;
    }

    /** What the mean divides by. */
    private static double divisor(Tensor x, Tensor target, @Nullable Tensor weight, Options options) {
        if (target.dtype().isFloating()) {
            return x.shape().dim(0);
        }
        double[] weights = weights(weight, (int) x.shape().dim(1));
        return Arrays.stream(labels(target))
                .filter(label -> label != options.ignore())
                .mapToDouble(label -> weights[(int) label])
                .sum();
    }

    /** The labels; none if the target is probabilities. */
    private static long[] labels(Tensor target) {
        return target.dtype().isFloating() ? new long[0] : target.toLongArray();
    }

    private static double[] weights(@Nullable Tensor weight, int classes) {
        if (weight != null) {
            return Values.read(weight);
        }
        double[] ones = new double[classes];
        Arrays.fill(ones, 1);
        return ones;
    }
}
