package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** {@code y = (x - mean) / sqrt(var + eps) weight + bias} with statistics of each group of channels of each sample. */
public interface GroupNormKernel {
    /** The key of this kernel. */
    KernelType<GroupNormKernel> TYPE = new KernelType<>("group_norm", GroupNormKernel.class);

    /**
     * Normalises each group.
     *
     * @param x [samples, rows, channels], contiguous, floating
     * @param weight [channels], contiguous; null for ones
     * @param bias [channels], contiguous; null for zeros
     * @param y as x; may be x
     * @param stats [samples, 3, channels], contiguous; kept for the backward pass: for each channel the mean as a sum of two
     *     numbers, and 1/std
     * @param groups divides channels
     * @param eps is added to the variance
     */
    void forward(
            Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, Tensor y, Tensor stats, long groups, double eps);

    /**
     * Computes the wanted ones of the gradients: with {@code n = (x - mean) / std} and {@code g = dy weight},
     * {@code dx = (g - mean(g) - n mean(g n)) / std} with means over a group, {@code dweight = } the sum of {@code dy n} over
     * samples and rows, {@code dbias = } that of dy.
     *
     * @param x [samples, rows, channels]
     * @param weight [channels]; null for ones
     * @param stats [samples, 3, channels]
     * @param dy the gradient by y, as y
     * @param dx as x; null if not wanted; may be dy if it is not added to
     * @param dweight [channels]; null if not wanted
     * @param dbias [channels]; null if not wanted
     * @param groups divides channels
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
            long groups,
            boolean... accumulate);
}
