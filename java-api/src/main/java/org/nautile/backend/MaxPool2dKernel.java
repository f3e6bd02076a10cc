package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** The largest element of each window of pictures. */
public interface MaxPool2dKernel {
    /** The key of this kernel. */
    KernelType<MaxPool2dKernel> TYPE = new KernelType<>("max_pool2d", MaxPool2dKernel.class);

    /**
     * Computes each window: NaN if it has one, -inf if it has nothing but padding.
     *
     * @param x [N, C, H, W], channels-last
     * @param y [N, C, windows along H, windows along W], channels-last
     * @param places uint8, as y: {@code k kernelW + l} of the element that was taken, the first of equal ones; null if there is
     *     no backward pass to come
     * @param rows the windows along H
     * @param cols the windows along W
     */
    void forward(Tensor x, Tensor y, @Nullable Tensor places, Window rows, Window cols);

    /**
     * Adds up, for each element, the gradients of the windows that took it.
     *
     * @param places from the forward pass
     * @param dy the gradient by y
     * @param dx the gradient by x
     * @param rows the windows along H
     * @param cols the windows along W
     * @param accumulate adds to dx
     */
    void backward(Tensor places, Tensor dy, Tensor dx, Window rows, Window cols, boolean accumulate);
}
