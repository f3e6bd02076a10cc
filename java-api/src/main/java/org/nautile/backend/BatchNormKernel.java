package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** {@code y = (x - mean) / sqrt(var + eps) weight + bias} down the columns of a matrix. */
public interface BatchNormKernel {
    /** The key of this kernel. */
    KernelType<BatchNormKernel> TYPE = new KernelType<>("batch_norm", BatchNormKernel.class);

    /**
     * What is normalised with.
     *
     * @param training the mean and the biased variance of x itself, or else the running ones
     * @param momentum the share of x in the running statistics; negative: they are averages over all batches so far
     * @param eps is added to the variance
     */
    record Settings(boolean training, double momentum, double eps) {}

    /**
     * Normalises each column.
     *
     * @param x [rows, channels], contiguous, floating
     * @param weight [channels], contiguous; null for ones
     * @param bias [channels], contiguous; null for zeros
     * @param runningMean [channels], contiguous; null for no running statistics, in training only
     * @param runningVariance [channels], contiguous; null with runningMean
     * @param batches int64 []; null with runningMean
     * @param y as x; may be x
     * @param stats [3, channels], contiguous; kept for the backward pass: the mean as a sum of two numbers, and 1/std
     * @param settings what is normalised with
     */
    void forward(
            Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            @Nullable Tensor runningMean,
            @Nullable Tensor runningVariance,
            @Nullable Tensor batches,
            Tensor y,
            Tensor stats,
            Settings settings);

    /**
     * Computes the wanted ones of the gradients: with {@code n = (x - mean) / std}, in training
     * {@code dx = weight / std (dy - mean(dy) - n mean(dy n))}, else {@code dx = weight / std dy}; {@code dweight = } the sum of
     * the rows of {@code dy n}, {@code dbias = } that of the rows of dy.
     *
     * @param x [rows, channels]
     * @param weight [channels]; null for ones
     * @param stats [3, channels]
     * @param dy the gradient by y, as y
     * @param dx as x; null if not wanted; may be dy if it is not added to
     * @param dweight [channels]; null if not wanted
     * @param dbias [channels]; null if not wanted
     * @param training as in the forward pass
     * @param accumulate whether to add to dx, dweight and dbias
     */
    void backward(
            Tensor x,
            @Nullable Tensor weight,
            Tensor stats,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean training,
            boolean... accumulate);
}
