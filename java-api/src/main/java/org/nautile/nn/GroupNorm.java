package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.GroupNormOp;

/**
 * Group normalisation of {@code [N, C, ...]}: {@code y = (x - mean) / sqrt(var + eps) weight + bias} with the mean and the variance
 * of each example's group of C / groups channels. Parameters {@code weight} [C], at first ones, and {@code bias} [C], at first
 * zeros.
 */
public final class GroupNorm extends Module {
    private static final double EPS = 1e-5;

    private final long channels;
    private final GroupNormOp op;
    private final @Nullable Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A layer with weight and bias, and eps 1e-5.
     *
     * @param groups the number of groups
     * @param channels the number of channels, a multiple of that
     */
    public GroupNorm(long groups, long channels) {
        this(groups, channels, EPS, true);
    }

    /**
     * A layer.
     *
     * @param groups the number of groups
     * @param channels the number of channels, a multiple of that
     * @param eps is added to the variance
     * @param affine whether there are weight and bias
     */
    public GroupNorm(long groups, long channels, double eps, boolean affine) {
        this.channels = channels;
        op = new GroupNormOp(groups, eps);
        if (channels < 1 || channels % groups != 0) {
            throw new IllegalArgumentException("GroupNorm: " + channels + " channels in " + groups + " groups");
        }
        weight = affine ? parameter("weight", Tensor.ones(channels)) : null;
        bias = affine ? parameter("bias", Tensor.zeros(channels)) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() < 2 || x.shape().dim(1) != channels) {
            throw new ShapeException(describe() + ": x is " + x);
        }
        return Parameter.apply(op, x, weight, bias);
    }

    @Override
    protected String describe() {
        return "GroupNorm(" + op.groups() + ", " + channels + ")";
    }
}
