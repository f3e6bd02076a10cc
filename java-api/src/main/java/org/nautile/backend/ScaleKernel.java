package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = alpha x + beta}. */
public interface ScaleKernel {
    /** The key of this kernel. */
    KernelType<ScaleKernel> TYPE = new KernelType<>("scale", ScaleKernel.class);

    /**
     * Scales and shifts every element.
     *
     * @param x contiguous, floating
     * @param y as x; may be x
     * @param alpha the factor
     * @param beta the summand
     */
    void forward(Tensor x, Tensor y, double alpha, double beta);
}
