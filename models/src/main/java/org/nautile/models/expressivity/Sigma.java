package org.nautile.models.expressivity;

import java.util.Locale;
import java.util.function.UnaryOperator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;

/** Functions s for networks g(x) = C s(Ax + b). */
public enum Sigma {
    /** 1 / (1 + e^-x). */
    SIGMOID(8, x -> Autograd.apply(new ActivationOp(Function.SIGMOID), x)),
    /** tanh x. */
    TANH(4, x -> Autograd.apply(new ActivationOp(Function.TANH), x)),
    /** max(x, 0). */
    RELU(8, x -> Autograd.apply(new ActivationOp(Function.RELU), x)),
    /** x / (1 + e^-x), a smooth ReLU. */
    SWISH(8, x -> Autograd.apply(new ActivationOp(Function.SWISH), x)),
    /** x^3: what networks make of it are polynomials of degree 3, however many neurons there are. */
    CUBE(1, x -> {
        Op multiply = new BinaryOp(BinaryKernel.Function.MUL);
        return Autograd.apply(multiply, Autograd.apply(multiply, x, x), x);
    });

    /** The degree of {@link #CUBE}. */
    public static final int DEGREE = 3;

    private final double slope;

    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    private final UnaryOperator<Tensor> function;

    Sigma(double slope, UnaryOperator<Tensor> function) {
        this.slope = slope;
        this.function = function;
    }

    /**
     * The function, with gradients.
     *
     * @param x any shape, floating
     * @return s of each element
     */
    public Tensor of(Tensor x) {
        return function.apply(x);
    }

    /** How large the first numbers in A are, so that s(ax + b) bends within a part of the interval from -1 to 1. */
    double slope() {
        return slope;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
