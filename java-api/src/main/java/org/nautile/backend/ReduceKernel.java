package org.nautile.backend;

import org.nautile.Tensor;

/** Sum, mean, maximum or minimum along one axis of [outer, n, inner]. */
public interface ReduceKernel {
    /** The key of this kernel. */
    KernelType<ReduceKernel> TYPE = new KernelType<>("reduce", ReduceKernel.class);

    /** The functions, in the order of the C ABI's constants. */
    enum Function {
        /** The sum; of nothing, 0. */
        SUM,
        /** The mean; of nothing, NaN. */
        MEAN,
        /** The largest element; NaN if there is one. */
        MAX,
        /** The smallest element; NaN if there is one. */
        MIN
    }

    /**
     * Reduces.
     *
     * @param x [outer, n, inner], contiguous
     * @param y [outer, inner], contiguous
     * @param function the function; n >= 1 for maximum and minimum
     * @param accumulate adds to y
     */
    void forward(Tensor x, Tensor y, Function function, boolean accumulate);

    /**
     * The gradient: dy for each summand, dy / n for the mean; for maximum and minimum dy for the first element that is y.
     *
     * @param x [outer, n, inner]
     * @param y [outer, inner], the result of the forward pass
     * @param dy the gradient by y, as y
     * @param dx the gradient by x, as x
     * @param function the function
     * @param accumulate adds to dx
     */
    void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, boolean accumulate);
}
