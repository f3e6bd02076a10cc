package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.LayerNormOp;

/**
 * Layer normalisation over the last axes: {@code y = (x - mean) / sqrt(var + eps) weight + bias}, x and y {@code [...,
 * normalised axes]}. Parameters {@code weight}, at first ones, and {@code bias}, at first zeros, of the normalised axes' shape.
 */
public final class LayerNorm extends Module {
    private static final double EPS = 1e-5;

    private final Shape shape;
    private final LayerNormOp op;
    private final @Nullable Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A layer with weight and bias, and eps 1e-5.
     *
     * @param normalized the extents of the last axes
     */
    public LayerNorm(long... normalized) {
        this(Shape.of(normalized), EPS, true, true);
    }

    /**
     * A layer.
     *
     * @param normalized the extents of the last axes
     * @param eps is added to the variance
     * @param affine whether there is a weight
     * @param withBias whether there is a bias, if there is a weight
     */
    public LayerNorm(Shape normalized, double eps, boolean affine, boolean withBias) {
        shape = normalized;
        op = new LayerNormOp(normalized.rank(), eps);
        weight = affine ? parameter("weight", Tensor.ones(shape.dims())) : null;
        bias = affine && withBias ? parameter("bias", Tensor.zeros(shape.dims())) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (weight == null) {
            int from = Math.max(0, x.shape().rank() - shape.rank()); // the op cannot check without a weight
            for (int axis = 0; axis < shape.rank(); axis++) {
                if (x.shape().rank() < shape.rank() || x.shape().dim(from + axis) != shape.dim(axis)) {
                    throw new ShapeException("LayerNorm: x is " + x + ", its last axes must be " + shape);
                }
            }
        }
        return Parameter.apply(op, x, weight, bias);
    }

    @Override
    protected String describe() {
        return "LayerNorm(" + shape + (weight == null ? ", no weight)" : bias == null ? ", no bias)" : ")");
    }
}
