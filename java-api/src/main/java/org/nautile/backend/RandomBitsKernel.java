package org.nautile.backend;

import org.nautile.Tensor;

/** Elements of a stream of {@link org.nautile.Philox}. */
public interface RandomBitsKernel {
    /** The key of this kernel. */
    KernelType<RandomBitsKernel> TYPE = new KernelType<>("random_bits", RandomBitsKernel.class);

    /**
     * Draws.
     *
     * @param y int32, contiguous
     * @param seed the seed
     * @param stream the stream
     * @param offset the place of the first element in the stream, {@code >= 0}
     */
    void forward(Tensor y, long seed, long stream, long offset);
}
