package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = f(x)} for the activation functions. */
public interface ActivationKernel {
    /** The key of this kernel. */
    KernelType<ActivationKernel> TYPE = new KernelType<>("activation", ActivationKernel.class);

    /** The functions, in the order of the C ABI's constants. */
    enum Function {
        /** x. */
        LINEAR,
        /** max(x, 0). */
        RELU,
        /** x, or alpha x below 0. */
        LEAKY_RELU,
        /** x, or alpha (e^x - 1) below 0. */
        ELU,
        /** 1 / (1 + e^-x). */
        SIGMOID,
        /** tanh x. */
        TANH,
        /** x sigmoid(x), also called SiLU. */
        SWISH,
        /** x Phi(x) with the distribution function Phi of the standard normal distribution. */
        GELU,
        /** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
        GELU_TANH,
        /** log(1 + e^x), x itself above 20. */
        SOFTPLUS
    }

    /**
     * Applies the function to every element.
     *
     * @param x contiguous, floating
     * @param y as x; may be x
     * @param function the function
     * @param alpha the parameter of leaky ReLU and ELU
     */
    void forward(Tensor x, Tensor y, Function function, double alpha);

    /**
     * {@code dx = dy f'(x)}, or {@code dx += dy f'(x)}.
     *
     * @param x the argument of the forward pass
     * @param y its result
     * @param dy the gradient by y, as x
     * @param dx the gradient by x, as x
     * @param function the function
     * @param alpha the parameter of leaky ReLU and ELU
     * @param accumulate adds to dx
     */
    void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, double alpha, boolean accumulate);
}
