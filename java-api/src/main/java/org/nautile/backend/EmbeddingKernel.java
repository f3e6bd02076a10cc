package org.nautile.backend;

import org.nautile.Tensor;

/** Rows of a matrix by their numbers. */
public interface EmbeddingKernel {
    /** The key of this kernel. */
    KernelType<EmbeddingKernel> TYPE = new KernelType<>("embedding", EmbeddingKernel.class);

    /**
     * {@code y[r] = weight[index[r]]}.
     *
     * @param weight [rows, cols], contiguous, floating
     * @param index int64 [count], contiguous
     * @param y [count, cols]
     * @throws IllegalArgumentException if an index is no row of weight
     */
    void forward(Tensor weight, Tensor index, Tensor y);

    /**
     * {@code dweight[v]} is the sum of the {@code dy[r]} with {@code index[r] == v}, or that is added to it.
     *
     * @param index int64 [count], contiguous
     * @param dy the gradient by y, [count, cols]
     * @param dweight [rows, cols]
     * @param padding a row whose gradient is 0; -1 for none
     * @param accumulate adds to dweight
     */
    void backward(Tensor index, Tensor dy, Tensor dweight, long padding, boolean accumulate);
}
