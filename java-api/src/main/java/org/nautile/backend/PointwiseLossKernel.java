package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** Losses that compare element by element. */
public interface PointwiseLossKernel {
    /** The key of this kernel. */
    KernelType<PointwiseLossKernel> TYPE = new KernelType<>("pointwise_loss", PointwiseLossKernel.class);

    /** The functions of x and the target t, in the order of the C ABI's constants. */
    enum Function {
        /** (x - t)^2. */
        MSE,
        /** |x - t|. */
        L1,
        /** (x - t)^2 / 2, or delta (|x - t| - delta / 2) where |x - t| is greater than delta. */
        HUBER,
        /** -(t log x + (1 - t) log(1 - x)) for probabilities x; each logarithm is at least -100. */
        BCE,
        /** The same of sigmoid(x); the weight of positive targets stands before t. */
        BCE_WITH_LOGITS,
        /** t (log t - x) for log-probabilities x. */
        KL_DIV,
        /** e^t (t - x): the same, with the logarithm of the target. */
        KL_DIV_LOG_TARGET
    }

    /**
     * The loss: {@code weight f(x, target)} for each element, or what becomes of them; the mean is over the elements.
     *
     * @param x contiguous, floating
     * @param target as x
     * @param weight as x; null for ones
     * @param posWeight the weight of positive targets of {@link Function#BCE_WITH_LOGITS}, as x; null for ones
     * @param loss as x without reduction, else []
     * @param function the function
     * @param delta the parameter of {@link Function#HUBER}
     * @param reduction what becomes of the losses
     */
    void forward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            @Nullable Tensor posWeight,
            Tensor loss,
            Function function,
            double delta,
            LossReduction reduction);

    /**
     * The gradient by x or by the target.
     *
     * @param x contiguous, floating
     * @param target as x
     * @param weight as x; null for ones
     * @param posWeight as x; null for ones
     * @param dloss the gradient by the loss, as x without reduction, else []
     * @param dx the result, as x
     * @param function the function
     * @param delta the parameter of {@link Function#HUBER}
     * @param reduction what became of the losses
     * @param byTarget the result is the gradient by the target
     * @param accumulate adds to dx
     */
    void backward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            @Nullable Tensor posWeight,
            Tensor dloss,
            Tensor dx,
            Function function,
            double delta,
            LossReduction reduction,
            boolean byTarget,
            boolean accumulate);
}
