package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = f(x)} for elementary functions. */
public interface UnaryKernel {
    /** The key of this kernel. */
    KernelType<UnaryKernel> TYPE = new KernelType<>("unary", UnaryKernel.class);

    /** The functions, in the order of the C ABI's constants. */
    enum Function {
        /** e^x. */
        EXP,
        /** The natural logarithm. */
        LOG,
        /** The square root. */
        SQRT,
        /** 1 / sqrt x. */
        RSQRT,
        /** |x|. */
        ABS,
        /** -x. */
        NEG,
        /** x^2. */
        SQUARE,
        /** 1 / x. */
        RECIPROCAL,
        /** sin x. */
        SIN,
        /** cos x. */
        COS,
        /** -1, 0 or 1; 0 for NaN, as in PyTorch. */
        SIGN,
        /** The largest integer that is not above x. */
        FLOOR,
        /** min(max(x, low), high). */
        CLAMP
    }

    /**
     * Applies the function to every element.
     *
     * @param x contiguous, floating
     * @param y as x; may be x
     * @param function the function
     * @param low the lower bound of clamp
     * @param high the upper bound of clamp
     */
    void forward(Tensor x, Tensor y, Function function, double low, double high);

    /**
     * {@code dx = dy f'(x)}, or {@code dx += dy f'(x)}.
     *
     * @param x the argument of the forward pass
     * @param y its result
     * @param dy the gradient by y, as x
     * @param dx the gradient by x, as x
     * @param function the function
     * @param low the lower bound of clamp
     * @param high the upper bound of clamp
     * @param accumulate adds to dx
     */
    void backward(
            Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, double low, double high, boolean accumulate);
}
