package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = a b} for one matrix, or each of a batch. */
public interface MatmulKernel {
    /** The key of this kernel. */
    KernelType<MatmulKernel> TYPE = new KernelType<>("matmul", MatmulKernel.class);

    /**
     * Multiplies.
     *
     * @param a [m, k] or [batch, m, k], any strides
     * @param b [k, n] or [batch, k, n], as a
     * @param y [m, n] or [batch, m, n], as a; its last axis contiguous; overlaps neither
     * @param accumulate adds to y
     */
    void forward(Tensor a, Tensor b, Tensor y, boolean accumulate);
}
