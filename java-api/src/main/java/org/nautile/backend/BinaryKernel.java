package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = a op b} by element, with broadcasting. */
public interface BinaryKernel {
    /** The key of this kernel. */
    KernelType<BinaryKernel> TYPE = new KernelType<>("binary", BinaryKernel.class);

    /** The functions, in the order of the C ABI's constants. */
    enum Function {
        /** a + b. */
        ADD,
        /** a - b. */
        SUB,
        /** a * b. */
        MUL,
        /** a / b. */
        DIV,
        /** The larger; NaN if either is. */
        MAXIMUM,
        /** The smaller; NaN if either is. */
        MINIMUM,
        /** a^b with the special cases of C's pow. */
        POWER,
        /** The derivative of the maximum by a: 0 for a &lt; b, 1/2 for a == b, else 1. */
        MAXIMUM_BY_A,
        /** The derivative of the power by a: b a^(b - 1), 0 for b == 0. */
        POWER_BY_A,
        /** The derivative of the power by b: a^b log a, 0 for a == 0 and b >= 0. */
        POWER_BY_B
    }

    /**
     * Applies the function to every pair of elements.
     *
     * @param a any strides, broadcast to y's shape
     * @param b any strides, broadcast to y's shape
     * @param y contiguous; may be a or b if that has y's shape and is contiguous
     * @param function the function
     */
    void forward(Tensor a, Tensor b, Tensor y, Function function);
}
