package org.nautile.models;

import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;
import org.nautile.op.ActivationOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.SliceOp;
import org.nautile.op.SoftmaxOp;

/**
 * The course's activation functions: what they are for, their values, and their derivatives as training computes them.
 */
public final class Activations {
    private static final double LEAK = 0.1; // so that it can be seen; PyTorch's default is 0.01

    private Activations() {}

    /**
     * An activation function.
     *
     * @param name for example {@code "leaky ReLU"}
     * @param formula of x
     * @param use the layers it is for, and what they then do
     * @param function with gradients, float32 [N, 1] to [N, 1]
     */
    public record Page(String name, String formula, String use, UnaryOperator<Tensor> function) {
        /**
         * Values and derivatives, both by the ops of the engine on the default device.
         *
         * @param x numbers
         * @return the function of each, and the derivative there, as back-propagation has it
         */
        public Curve at(float... x) {
            Device device = Device.defaultDevice();
            try (Scope scope = new Scope();
                    Tensor places = Tensor.of(device, x, Shape.of(x.length, 1))) {
                Autograd.requireGradient(places);
                Tensor y = function.apply(places);
                Autograd.backward(y, Tensor.full(device, DType.FLOAT32, y.shape(), 1));
                try (Tensor gradient = Objects.requireNonNull(Autograd.gradient(places))) {
                    return new Curve(y.toDoubleArray(), gradient.toDoubleArray());
                }
            }
        }
    }

    /**
     * A function at some places.
     *
     * @param values the function
     * @param derivatives its derivative
     */
    public record Curve(double[] values, double[] derivatives) {}

    /**
     * The functions.
     *
     * @return in the course's order
     */
    public static List<Page> all() {
        return List.of(
                new Page("linear", "x", "final layer: regression", of(new ActivationOp(Function.LINEAR))),
                new Page(
                        "sigmoid",
                        "1 / (1 + e^-x)",
                        "final layer: classification, two classes",
                        of(new ActivationOp(Function.SIGMOID))),
                new Page(
                        "softmax",
                        "e^x / (e^x + e^0 + e^0), one of three scores",
                        "final layer: classification, several classes",
                        Activations::softmax),
                new Page(
                        "tanh",
                        "(e^x - e^-x) / (e^x + e^-x)",
                        "final layer: generative tasks",
                        of(new ActivationOp(Function.TANH))),
                new Page("ReLU", "max(0, x)", "intermediate layers", of(new ActivationOp(Function.RELU))),
                new Page(
                        "leaky ReLU",
                        "max(" + LEAK + " x, x)",
                        "intermediate layers",
                        of(new ActivationOp(Function.LEAKY_RELU, LEAK))),
                new Page("ELU", "x, below 0: e^x - 1", "intermediate layers", of(new ActivationOp(Function.ELU, 1))),
                new Page("swish", "x / (1 + e^-x)", "intermediate layers", of(new ActivationOp(Function.SWISH))));
    }

    private static UnaryOperator<Tensor> of(Op op) {
        return x -> Autograd.apply(op, x);
    }

    /** The first of three probabilities, where the other scores are 0. */
    private static Tensor softmax(Tensor x) {
        Tensor others = Tensor.full(x.device(), x.dtype(), Shape.of(x.shape().dim(0), 2), 0);
        Tensor scores = Autograd.apply(new ConcatOp(1), x, others);
        return Autograd.apply(new SliceOp(1, 0, 1), Autograd.apply(new SoftmaxOp(1), scores));
    }
}
