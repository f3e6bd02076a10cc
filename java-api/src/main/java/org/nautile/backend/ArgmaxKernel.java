package org.nautile.backend;

import org.nautile.Tensor;

/** The place of the largest element along one axis of [outer, n, inner]. */
public interface ArgmaxKernel {
    /** The key of this kernel. */
    KernelType<ArgmaxKernel> TYPE = new KernelType<>("argmax", ArgmaxKernel.class);

    /**
     * Finds the first largest element; NaN counts as larger than all numbers.
     *
     * @param x [outer, n, inner], contiguous, floating, n >= 1
     * @param y int64 [outer, inner], contiguous
     */
    void forward(Tensor x, Tensor y);
}
