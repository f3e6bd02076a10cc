package org.nautile.backend;

import org.nautile.Tensor;

/** Elements along an axis by their numbers. */
public interface GatherKernel {
    /** The key of this kernel. */
    KernelType<GatherKernel> TYPE = new KernelType<>("gather", GatherKernel.class);

    /**
     * {@code y[o, j, i] = x[o, index[o, j, i], i]}.
     *
     * @param x [outer, n, inner], contiguous, floating
     * @param index int64 [outer, m, inner], contiguous
     * @param y [outer, m, inner]
     * @throws IllegalArgumentException if an index is not from 0 to n - 1
     */
    void forward(Tensor x, Tensor index, Tensor y);

    /**
     * {@code dx[o, k, i]} is the sum of the {@code dy[o, j, i]} with {@code index[o, j, i] == k}, or that is added to it.
     *
     * @param index int64 [outer, m, inner], contiguous
     * @param dy the gradient by y, [outer, m, inner]
     * @param dx [outer, n, inner]
     * @param accumulate adds to dx
     */
    void backward(Tensor index, Tensor dy, Tensor dx, boolean accumulate);
}
