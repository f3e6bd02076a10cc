package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
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
        weight = affine ? parameter("weight", full(1)) : null;
        bias = affine ? parameter("bias", full(0)) : null;
        mean = tracked ? buffer("running_mean", full(0)) : null;
        variance = tracked ? buffer("running_var", full(1)) : null;
        batches = tracked
                ? buffer("num_batches_tracked", Tensor.of(Device.defaultDevice(), new long[] {0}, Shape.SCALAR))
                : null;
    }

    private Tensor full(double value) {
        return Tensor.full(Device.defaultDevice(), DType.FLOAT32, Shape.of(channels), value);
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
            BatchNormOp op = op(true, false);
            return weight == null || bias == null
                    ? Autograd.apply(op, x)
                    : Autograd.apply(op, x, weight.value(), bias.value());
        }
        BatchNormOp op = op(training(), true);
        return weight == null || bias == null
                ? Autograd.apply(op, x, mean.value(), variance.value(), batches.value())
                : Autograd.apply(op, x, mean.value(), variance.value(), batches.value(), weight.value(), bias.value());
    }

    @Override
    protected final String describe() {
        return getClass().getSimpleName() + "(" + channels + ")";
    }
}
