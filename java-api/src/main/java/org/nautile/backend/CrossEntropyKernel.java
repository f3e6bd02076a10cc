package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** Softmax and cross-entropy of class scores in one. */
public interface CrossEntropyKernel {
    /** The key of this kernel. */
    KernelType<CrossEntropyKernel> TYPE = new KernelType<>("cross_entropy", CrossEntropyKernel.class);

    /**
     * How the loss is made.
     *
     * @param smoothing the label smoothing s
     * @param ignore rows with this label have no loss
     * @param logProbabilities the scores are logarithms of probabilities already: {@code lse} below is 0
     * @param reduction what becomes of the losses; the mean divides by the weights of the labels that are not ignored, or by the
     *     number of rows where the target is probabilities
     */
    record Options(double smoothing, long ignore, boolean logProbabilities, LossReduction reduction) {}

    /**
     * The loss: {@code sum_c q[c] (lse - x[c])} for each row with {@code lse = log sum exp x} and {@code q[c] = weight[c] ((1 - s)
     * target[c] + s / classes)}; a label is the target that is 1 for its class.
     *
     * @param x scores [rows, classes], contiguous
     * @param target labels int64 [rows], or probabilities as x; contiguous
     * @param weight [classes], contiguous; null for ones
     * @param loss [rows] without reduction, else []
     * @param saved [2 rows + 1], kept for the backward pass: for each row its maximum, and the logarithm of the sum of exp(x -
     *     maximum); last, with a reduction, what the sum was divided by
     * @param options how the loss is made
     * @throws IllegalArgumentException if a label is neither a class nor the ignored one
     */
    void forward(Tensor x, Tensor target, @Nullable Tensor weight, Tensor loss, Tensor saved, Options options);

    /**
     * The gradient by the scores: {@code g (exp(x - lse) sum q - q)}, without the first term for logarithms of probabilities.
     *
     * @param x scores [rows, classes]
     * @param target as in the forward pass
     * @param weight as in the forward pass
     * @param saved what the forward pass kept
     * @param dloss the gradient by the loss, [rows] without reduction, else []
     * @param dx as x
     * @param options how the loss was made
     * @param accumulate adds to dx
     */
    void backward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Tensor saved,
            Tensor dloss,
            Tensor dx,
            Options options,
            boolean accumulate);
}
