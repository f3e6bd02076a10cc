package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A layer of gated recurrent units over a sequence: {@code h = (1 - z) n + z h} in each step. */
public interface GruKernel {
    /** The key of this kernel. */
    KernelType<GruKernel> TYPE = new KernelType<>("gru", GruKernel.class);

    /**
     * Computes all steps.
     *
     * @param in the inputs, with gates in the order r, z, n
     * @param y the state after each step [steps, batch, hidden]; null if not wanted
     * @param hn the last state [batch, hidden]; may be y's memory if there is one step and no lengths
     * @param gates [steps, batch, 4 hidden], kept for the backward pass; null if there will be none
     * @throws IllegalArgumentException if a length is below 0 or above the number of steps
     */
    void forward(RecurrentInputs in, @Nullable Tensor y, Tensor hn, @Nullable Tensor gates);

    /**
     * The gradients through all steps.
     *
     * @param in the inputs of the forward pass, of which the biases are not read
     * @param y what it wrote
     * @param gates what it wrote
     * @param dy the gradient by y; null for zeros
     * @param dhn the gradient by hn; null for zeros
     * @param out where the gradients go
     */
    void backward(
            RecurrentInputs in,
            Tensor y,
            Tensor gates,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            RecurrentGradients out);
}
