package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = x - max - log sum exp(x - max)} along the rows of a matrix. */
public interface LogSoftmaxKernel {
    /** The key of this kernel. */
    KernelType<LogSoftmaxKernel> TYPE = new KernelType<>("log_softmax", LogSoftmaxKernel.class);

    /**
     * Computes each row.
     *
     * @param x [rows, cols], contiguous, floating
     * @param y as x; may be x
     */
    void forward(Tensor x, Tensor y);

    /**
     * {@code dx = dy - exp(y) sum dy}, or {@code dx += ...}.
     *
     * @param y the result of the forward pass
     * @param dy the gradient by y, as y
     * @param dx the gradient by x, as y
     * @param accumulate adds to dx
     */
    void backward(Tensor y, Tensor dy, Tensor dx, boolean accumulate);
}
