package org.nautile.backend;

import org.nautile.Tensor;

/** The mean of each window of pictures. */
public interface AvgPool2dKernel {
    /** The key of this kernel. */
    KernelType<AvgPool2dKernel> TYPE = new KernelType<>("avg_pool2d", AvgPool2dKernel.class);

    /**
     * Computes each window.
     *
     * @param x [N, C, H, W], channels-last
     * @param y [N, C, windows along H, windows along W], channels-last
     * @param rows the windows along H, without dilation
     * @param cols the windows along W, without dilation
     * @param countPadding whether places in the padding count
     * @param divisor what the sum is divided by; 0 for the number of places
     */
    void forward(Tensor x, Tensor y, Window rows, Window cols, boolean countPadding, long divisor);

    /**
     * Adds up, for each element, its shares of the gradients of the windows that it is in.
     *
     * @param dy the gradient by y
     * @param dx the gradient by x
     * @param rows the windows along H
     * @param cols the windows along W
     * @param countPadding as in the forward pass
     * @param divisor as in the forward pass
     * @param accumulate adds to dx
     */
    void backward(
            Tensor dy, Tensor dx, Window rows, Window cols, boolean countPadding, long divisor, boolean accumulate);
}
