package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = value}. */
public interface FillKernel {
    /** The key of this kernel. */
    KernelType<FillKernel> TYPE = new KernelType<>("fill", FillKernel.class);

    /**
     * Sets every element.
     *
     * @param y contiguous, any type
     * @param value converted to y's type; must be representable in an integer type
     */
    void forward(Tensor y, double value);
}
