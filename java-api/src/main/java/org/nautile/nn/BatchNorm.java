package org.nautile.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.BatchNormOp;

/** What the layers of batch normalisation share, whatever the number of axes. */
abstract class BatchNorm extends Module {
    static final double EPS = 1e-5;
    static final double MOMENTUM = 0.1;

    private final long channels;
    private final double eps;
    private final double momentum;
    private final @Nullable Parameter weight;
    private final @Nullable Parameter bias;
    private final @Nullable Buffer mean;
    private final @Nullable Buffer variance;
    private final @Nullable Buffer batches;

    BatchNorm(long channels, double eps, double momentum, boolean affine, boolean tracked) {
        if (channels < 1) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ": " + channels + " channels; at least 1");
        }
        this.channels = channels;
        this.eps = eps;
        this.momentum = momentum;
        op(true, tracked); // checks the numbers
        weight = affine ? parameter("weight", Tensor.ones(channels)) : null;
        bias = affine ? parameter("bias", Tensor.zeros(channels)) : null;
        mean = tracked ? buffer("running_mean", Tensor.zeros(channels)) : null;
        variance = tracked ? buffer("running_var", Tensor.ones(channels)) : null;
        batches = tracked
                ? buffer("num_batches_tracked", Tensor.of(Device.defaultDevice(), new long[] {0}, Shape.SCALAR))
                : null;
    }

    private BatchNormOp op(boolean measuring, boolean tracked) {
        return new BatchNormOp(measuring, tracked, momentum, eps);
    }

    /** Whether the layer takes inputs of so many axes. */
    abstract boolean takes(int rank);

    @Override
    public final Tensor forward(Tensor x) {
        if (!takes(x.shape().rank()) || x.shape().dim(1) != channels) {
            throw new ShapeException(describe() + ": x is " + x);
        }
        if (mean == null || variance == null || batches == null) {
            return Parameter.apply(op(true, false), x, weight, bias);
        }
        List<Tensor> inputs = List.of(x, mean.value(), variance.value(), batches.value());
        return Parameter.apply(op(training(), true), inputs, weight, bias);
    }

    @Override
    protected final String describe() {
        return getClass().getSimpleName() + "(" + channels + ")";
    }
}
