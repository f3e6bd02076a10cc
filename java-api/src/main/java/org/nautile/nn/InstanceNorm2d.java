package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.GroupNormOp;

/**
 * Instance normalisation of pictures {@code [N, C, H, W]}: {@code y = (x - mean) / sqrt(var + eps) weight + bias} with the mean and the
 * variance of each channel of each picture, in training and in use. There is no weight and no bias unless asked for.
 */
public final class InstanceNorm2d extends Module {
    private static final double EPS = 1e-5;

    private final long channels;
    private final GroupNormOp op;
    private final @Nullable Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A layer without parameters, and eps 1e-5.
     *
     * @param channels the number of channels, {@code >= 1}
     */
    public InstanceNorm2d(long channels) {
        this(channels, EPS, false);
    }

    /**
     * A layer.
     *
     * @param channels the number of channels, {@code >= 1}
     * @param eps is added to the variance
     * @param affine whether there are {@code weight} [C], at first ones, and {@code bias} [C], at first zeros
     */
    public InstanceNorm2d(long channels, double eps, boolean affine) {
        this.channels = channels;
        op = new GroupNormOp(channels, eps);
        weight = affine ? parameter("weight", Tensor.ones(channels)) : null;
        bias = affine ? parameter("bias", Tensor.zeros(channels)) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() != 4 || x.shape().dim(1) != channels) {
            throw new ShapeException(describe() + ": x is " + x);
        }
        return Parameter.apply(op, x, weight, bias);
    }

    @Override
    protected String describe() {
        return "InstanceNorm2d(" + channels + ")";
    }
}
