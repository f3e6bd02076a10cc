package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = a b} for each matrix of a batch. */
public interface MatmulKernel {
    /** The key of this kernel. */
    KernelType<MatmulKernel> TYPE = new KernelType<>("matmul", MatmulKernel.class);

    /**
     * Multiplies.
     *
     * @param a [batch, m, k], any strides
     * @param b [batch, k, n], any strides
     * @param y [batch, m, n], its last axis contiguous; overlaps neither
     * @param accumulate adds to y
     */
    void forward(Tensor a, Tensor b, Tensor y, boolean accumulate);
}
