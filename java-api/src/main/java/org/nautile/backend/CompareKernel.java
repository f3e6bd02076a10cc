package org.nautile.backend;

import org.nautile.Tensor;

/** Comparisons by element, with broadcasting. */
public interface CompareKernel {
    /** The key of this kernel. */
    KernelType<CompareKernel> TYPE = new KernelType<>("compare", CompareKernel.class);

    /** The functions, in the order of the C ABI's constants. */
    enum Function {
        /** a equals b. */
        EQ,
        /** a does not equal b; true if either is NaN. */
        NE,
        /** a is less than b. */
        LT,
        /** a is at most b. */
        LE,
        /** a is more than b. */
        GT,
        /** a is at least b. */
        GE
    }

    /**
     * Compares every pair of elements.
     *
     * @param a floating, any strides, broadcast to y's shape
     * @param b of a's type, any strides, broadcast to y's shape
     * @param y uint8, contiguous: 1 or 0
     * @param function the function
     */
    void forward(Tensor a, Tensor b, Tensor y, Function function);
}
