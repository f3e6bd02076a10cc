package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A layer of long short-term memory over a sequence: {@code c = f c + i g}, {@code h = o tanh(c)} in each step. */
public interface LstmKernel {
    /** The key of this kernel. */
    KernelType<LstmKernel> TYPE = new KernelType<>("lstm", LstmKernel.class);

    /**
     * Computes all steps.
     *
     * @param in the inputs, with gates in the order i, f, g, o
     * @param y the state after each step [steps, batch, hidden]; null if not wanted
     * @param hn the last state [batch, hidden]; may be y's memory if there is one step and no lengths
     * @param cn the last cells [batch, hidden]
     * @param gates [steps, batch, 4 hidden], kept for the backward pass; null if there will be none
     * @param cells [steps, batch, hidden], kept for the backward pass; null with gates; may be cn where hn may be y
     * @throws IllegalArgumentException if a length is below 0 or above the number of steps
     */
    void forward(
            RecurrentInputs in,
            @Nullable Tensor y,
            Tensor hn,
            Tensor cn,
            @Nullable Tensor gates,
            @Nullable Tensor cells);

    /**
     * The gradients through all steps.
     *
     * @param in the inputs of the forward pass, of which the biases are not read
     * @param y what it wrote
     * @param gates what it wrote
     * @param cells what it wrote
     * @param dy the gradient by y; null for zeros
     * @param dhn the gradient by hn; null for zeros
     * @param dcn the gradient by cn; null for zeros
     * @param out where the gradients go
     */
    void backward(
            RecurrentInputs in,
            Tensor y,
            Tensor gates,
            Tensor cells,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            @Nullable Tensor dcn,
            RecurrentGradients out);
}
