package org.nautile.nn;

import java.util.Locale;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;
import org.nautile.op.ActivationOp;

/** A layer that applies an activation function to every element. */
public final class Activation extends Module {
    private final ActivationOp op;

    /**
     * A layer.
     *
     * @param function the function, with PyTorch's default parameter
     */
    public Activation(Function function) {
        op = new ActivationOp(function);
    }

    /**
     * A layer.
     *
     * @param function the function
     * @param alpha the slope of leaky ReLU or the scale of ELU
     */
    public Activation(Function function, double alpha) {
        op = new ActivationOp(function, alpha);
    }

    /**
     * max(x, 0).
     *
     * @return a new layer
     */
    public static Activation relu() {
        return new Activation(Function.RELU);
    }

    /**
     * 1 / (1 + e^-x).
     *
     * @return a new layer
     */
    public static Activation sigmoid() {
        return new Activation(Function.SIGMOID);
    }

    /**
     * tanh x.
     *
     * @return a new layer
     */
    public static Activation tanh() {
        return new Activation(Function.TANH);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, x);
    }

    @Override
    protected String describe() {
        return op.function().name().toLowerCase(Locale.ROOT);
    }
}
