package org.nautile.backend.reference;

import java.util.Arrays;
import org.nautile.Tensor;
import org.nautile.backend.CrossEntropyKernel;

final class CrossEntropyReference implements CrossEntropyKernel {
    @Override
    public void forward(
            Tensor x, Tensor target, Tensor loss, Tensor lse, double smoothing, long ignore, Reduction reduction) {
        double[] scores = Values.read(x);
        long[] labels = target.toLongArray();
        int classes = (int) x.shape().dim(1);
        double[] losses = new double[labels.length];
        double[] logSums = new double[2 * labels.length];
        double total = 0;
        for (int r = 0; r < labels.length; r++) {
            if (labels[r] != ignore && (labels[r] < 0 || labels[r] >= classes)) {
                throw new IllegalArgumentException(
                        "cross_entropy: target[" + r + "] is " + labels[r] + ", x has " + classes + " classes");
            }
            int row = r * classes;
            double max = Double.NEGATIVE_INFINITY;
            double mean = 0;
            for (int c = 0; c < classes; c++) {
                max = Math.max(max, scores[row + c]);
                mean += scores[row + c] / classes;
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(scores[row + c] - max);
            }
            logSums[2 * r] = max;
            logSums[2 * r + 1] = Math.log(sum);
            if (labels[r] != ignore) {
                losses[r] = max + Math.log(sum) - (1 - smoothing) * scores[row + (int) labels[r]];
                losses[r] -= smoothing == 0 ? 0 : smoothing * mean; // 0 * infinity would be NaN
            }
            total += losses[r];
        }
        Values.write(logSums, lse);
        switch (reduction) {
            case NONE -> Values.write(losses, loss);
            case SUM -> Values.write(new double[] {total}, loss);
            case MEAN -> Values.write(new double[] {total / counted(labels, ignore)}, loss);
        }
    }

    @Override
    public void backward(
            Tensor x,
            Tensor target,
            Tensor lse,
            Tensor dloss,
            Tensor dx,
            double smoothing,
            long ignore,
            Reduction reduction,
            boolean accumulate) {
        double[] scores = Values.read(x);
        long[] labels = target.toLongArray();
        double[] logSums = Values.read(lse);
        double[] upstream = Values.read(dloss);
        int classes = (int) x.shape().dim(1);
        double[] gradient = new double[scores.length];
        for (int r = 0; r < labels.length; r++) {
            if (labels[r] == ignore) {
                continue;
            }
            double g = switch (reduction) {
                case NONE -> upstream[r];
                case SUM -> upstream[0];
                case MEAN -> upstream[0] / counted(labels, ignore);
            };
            for (int c = 0; c < classes; c++) {
                double wanted = smoothing / classes + (c == labels[r] ? 1 - smoothing : 0);
                double shifted = scores[r * classes + c] - logSums[2 * r];
                gradient[r * classes + c] = g * (Math.exp(shifted - logSums[2 * r + 1]) - wanted);
            }
        }
        Values.write(gradient, dx, accumulate);
    }

    private static long counted(long[] labels, long ignore) {
        return Arrays.stream(labels).filter(label -> label != ignore).count();
    }
}
