package org.nautile.backend;

import org.nautile.Tensor;

/** Sets random elements to zero. */
public interface DropoutKernel {
    /** The key of this kernel. */
    KernelType<DropoutKernel> TYPE = new KernelType<>("dropout", DropoutKernel.class);

    /**
     * {@code y = 0} where dropped, {@code x / (1 - p)} elsewhere. Element i is kept if element {@code position + i} of the
     * stream of {@link org.nautile.Philox} is below {@link #keep}.
     *
     * @param x contiguous, floating
     * @param y as x; may be x
     * @param position int64 [1], {@code >= 0}; advanced by the number of elements
     * @param used int64 [1], receives the position; kept for the backward pass
     * @param seed the seed
     * @param stream the stream
     * @param p the share that is dropped, from 0 to 1
     */
    void forward(Tensor x, Tensor y, Tensor position, Tensor used, long seed, long stream, double p);

    /**
     * {@code dx = 0} where dropped, {@code dy / (1 - p)} elsewhere, or {@code dx += ...}.
     *
     * @param dy the gradient by y
     * @param used int64 [1], from the forward pass
     * @param dx as dy
     * @param seed the seed
     * @param stream the stream
     * @param p the share that is dropped
     * @param accumulate adds to dx
     */
    void backward(Tensor dy, Tensor used, Tensor dx, long seed, long stream, double p, boolean accumulate);

    /**
     * How many of the 2^32 words of 32 bits keep an element: those below.
     *
     * @param p the share that is dropped
     * @return from 0 to 2^32
     */
    static long keep(double p) {
        return Math.round((1 - p) * 0x1p32);
    }

    /**
     * What an element that is kept is multiplied by.
     *
     * @param p the share that is dropped
     * @return {@code 1 / (1 - p)}; 0 if none is kept
     */
    static double scale(double p) {
        return p == 1 ? 0 : 1 / (1 - p);
    }
}
