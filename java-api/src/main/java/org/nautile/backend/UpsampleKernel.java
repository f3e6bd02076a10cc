package org.nautile.backend;

import org.nautile.Tensor;

/** Pictures of another size, mostly a larger one. */
public interface UpsampleKernel {
    /** The key of this kernel. */
    KernelType<UpsampleKernel> TYPE = new KernelType<>("upsample", UpsampleKernel.class);

    /** What is put between the pixels, in the order of the C ABI's constants. */
    enum Mode {
        /** The pixel at position {@code floor(o step)}, computed in float32. */
        NEAREST,
        /** Between the two nearest in each direction: position {@code (o + 0.5) step - 0.5}, and 0 below 0. */
        BILINEAR,
        /** As {@link #BILINEAR}, at position {@code o step}: the corners of both pictures are the same pixels. */
        BILINEAR_ALIGNED
    }

    /**
     * Computes each pixel of y.
     *
     * @param x [N, C, H, W], channels-last
     * @param y [N, C, H', W'], channels-last
     * @param mode what is put between the pixels
     * @param stepH rows of x from one row of y to the next
     * @param stepW columns of x from one column of y to the next
     */
    void forward(Tensor x, Tensor y, Mode mode, float stepH, float stepW);

    /**
     * Adds up, for each pixel of x, its shares of the gradients of the pixels made of it.
     *
     * @param dy the gradient by y
     * @param dx the gradient by x
     * @param mode as in the forward pass
     * @param stepH as in the forward pass
     * @param stepW as in the forward pass
     * @param accumulate adds to dx
     */
    void backward(Tensor dy, Tensor dx, Mode mode, float stepH, float stepW, boolean accumulate);
}
