package org.nautile.backend.reference;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.BatchNormKernel;

final class BatchNormReference implements BatchNormKernel {
    @Override
    public void forward(
            Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            @Nullable Tensor runningMean,
            @Nullable Tensor runningVariance,
            @Nullable Tensor batches,
            Tensor y,
            Tensor stats,
            Settings settings) {
        double rows = x.shape().dim(0);
        double share = settings.momentum();
        if (settings.training() && batches != null) {
            double count = Values.read(batches)[0] + 1;
            Values.write(new double[] {count}, batches);
            share = share < 0 ? 1 / count : share;
        }
        if (rows == 0) {
            return;
        }
        ChannelNorm norm = norm(x.shape());
        double[] in = Values.read(x);
        if (!settings.training()) {
            double[] means = Values.read(Objects.requireNonNull(runningMean));
            double[] variances = Values.read(Objects.requireNonNull(runningVariance));
            norm.forward(in, means, variances, settings.eps(), weight, bias, y, stats);
            return;
        }
        double[] means = norm.means(in);
        double[] squares = norm.squares(in, means);
        move(runningMean, share, means);
        move(runningVariance, share, divided(squares, rows - 1));
        norm.forward(in, means, divided(squares, rows), settings.eps(), weight, bias, y, stats);
    }

    private static double[] divided(double[] values, double divisor) {
        return Arrays.stream(values).map(value -> value / divisor).toArray();
    }

    private static void move(@Nullable Tensor running, double share, double... values) {
        if (running != null) {
            double[] moved = Values.read(running);
            Arrays.setAll(moved, i -> (1 - share) * moved[i] + share * values[i]);
            Values.write(moved, running);
        }
    }

    @Override
    public void backward(
            Tensor x,
            @Nullable Tensor weight,
            Tensor stats,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean training,
            boolean... accumulate) {
        norm(x.shape()).backward(x, weight, stats, dy, dx, dweight, dbias, training, accumulate);
    }

    private static ChannelNorm norm(Shape shape) {
        int channels = (int) shape.dim(1);
        return new ChannelNorm(1, (int) shape.dim(0), channels, channels);
    }
}
