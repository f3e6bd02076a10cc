package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.op.LinearOp;

/**
 * A fully connected layer: {@code y = x weight^T + bias}, x {@code [..., in]}, y {@code [..., out]}. Parameters {@code weight}
 * [out, in] and {@code bias} [out], at first uniform in +-1/sqrt(in), as in PyTorch.
 */
public final class Linear extends Module {
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A layer with bias.
     *
     * @param in the number of inputs, {@code >= 1}
     * @param out the number of outputs, {@code >= 1}
     * @param random draws the first weights
     */
    public Linear(int in, int out, Generator random) {
        this(in, out, true, random);
    }

    /**
     * A layer.
     *
     * @param in the number of inputs, {@code >= 1}
     * @param out the number of outputs, {@code >= 1}
     * @param withBias whether there is a bias
     * @param random draws the first weights
     */
    public Linear(int in, int out, boolean withBias, Generator random) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException("Linear: " + in + " inputs, " + out + " outputs; at least 1 each");
        }
        float bound = (float) (1 / Math.sqrt(in));
        weight = parameter("weight", uniform(bound, random, out, in));
        bias = withBias ? parameter("bias", uniform(bound, random, out)) : null;
    }

    /** Numbers uniform in +-bound, as all layers start with. */
    static Tensor uniform(float bound, Generator random, long... dims) {
        return Init.uniform(Tensor.empty(Device.defaultDevice(), DType.FLOAT32, Shape.of(dims)), -bound, bound, random);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Parameter.apply(new LinearOp(), x, weight, bias);
    }

    @Override
    protected String describe() {
        Shape shape = weight.value().shape();
        return "Linear(" + shape.dim(1) + " -> " + shape.dim(0) + (bias == null ? ", no bias)" : ")");
    }
}
