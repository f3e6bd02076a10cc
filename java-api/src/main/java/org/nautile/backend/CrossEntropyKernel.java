package org.nautile.backend;

import org.nautile.Tensor;

/** Softmax and cross-entropy of class scores in one. */
public interface CrossEntropyKernel {
    /** The key of this kernel. */
    KernelType<CrossEntropyKernel> TYPE = new KernelType<>("cross_entropy", CrossEntropyKernel.class);

    /** What becomes of the losses of the rows, in the order of the C ABI's constants. */
    enum Reduction {
        /** They are the result. */
        NONE,
        /** Their mean over the rows that are not ignored. */
        MEAN,
        /** Their sum. */
        SUM
    }

    /**
     * The loss: {@code lse - (1 - s) x[target] - s mean(x)} for each row with {@code lse = log sum exp x}.
     *
     * @param x scores [rows, classes], contiguous
     * @param target int64 [rows], contiguous
     * @param loss [rows] without reduction, else []
     * @param lse [rows, 2]: the row's maximum, and the logarithm of the sum of exp(x - maximum); kept for the backward pass
     * @param smoothing the label smoothing s
     * @param ignore rows with this target have no loss
     * @param reduction what becomes of the losses
     * @throws IllegalArgumentException if a target is neither a class nor the ignored one
     */
    void forward(Tensor x, Tensor target, Tensor loss, Tensor lse, double smoothing, long ignore, Reduction reduction);

    /**
     * The gradient by the scores: {@code g (exp(x - lse) - (1 - s) [target] - s / classes)}.
     *
     * @param x scores [rows, classes]
     * @param target int64 [rows]
     * @param lse [rows, 2]
     * @param dloss the gradient by the loss, [rows] without reduction, else []
     * @param dx as x
     * @param smoothing the label smoothing s
     * @param ignore rows with this target have no loss
     * @param reduction what became of the losses
     * @param accumulate adds to dx
     */
    void backward(
            Tensor x,
            Tensor target,
            Tensor lse,
            Tensor dloss,
            Tensor dx,
            double smoothing,
            long ignore,
            Reduction reduction,
            boolean accumulate);
}
