package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A plain recurrent layer over a sequence: {@code h = f(x weight_ih^T + bias_ih + h weight_hh^T + bias_hh)} in each step. */
public interface RnnKernel {
    /** The key of this kernel. */
    KernelType<RnnKernel> TYPE = new KernelType<>("rnn", RnnKernel.class);

    /** The functions, in the order of the C ABI's constants. */
    enum Nonlinearity {
        /** The hyperbolic tangent. */
        TANH,
        /** max(x, 0). */
        RELU
    }

    /**
     * Computes all steps.
     *
     * @param in the inputs
     * @param nonlinearity f
     * @param y the state after each step [steps, batch, hidden]; null if not wanted
     * @param hn the last state [batch, hidden]; may be y's memory if there is one step and no lengths
     * @throws IllegalArgumentException if a length is below 0 or above the number of steps
     */
    void forward(RecurrentInputs in, Nonlinearity nonlinearity, @Nullable Tensor y, Tensor hn);

    /**
     * The gradients through all steps.
     *
     * @param in the inputs of the forward pass, of which the biases are not read
     * @param nonlinearity f
     * @param y what it wrote
     * @param dy the gradient by y; null for zeros
     * @param dhn the gradient by hn; null for zeros
     * @param out where the gradients go
     */
    void backward(
            RecurrentInputs in,
            Nonlinearity nonlinearity,
            Tensor y,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            RecurrentGradients out);
}
