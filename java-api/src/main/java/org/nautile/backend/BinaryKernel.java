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
        DIV
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
