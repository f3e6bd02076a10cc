package org.nautile.backend;

import org.nautile.Tensor;

/** The places of the largest elements of rows. */
public interface TopkKernel {
    /** The key of this kernel. */
    KernelType<TopkKernel> TYPE = new KernelType<>("topk", TopkKernel.class);

    /**
     * The places of the k largest, the largest first; of equals the first, and NaN before everything.
     *
     * @param x [rows, cols], contiguous, floating
     * @param y int64 [rows, k], {@code k <= cols}
     */
    void forward(Tensor x, Tensor y);
}
