package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** {@code y = (x - mean) / sqrt(var + eps) weight + bias} along the rows of a matrix. */
public interface LayerNormKernel {
    /** The key of this kernel. */
    KernelType<LayerNormKernel> TYPE = new KernelType<>("layer_norm", LayerNormKernel.class);

    /**
     * Normalises each row.
     *
     * @param x [rows, cols], contiguous, floating
     * @param weight [cols], contiguous; null for ones
     * @param bias [cols], contiguous; null for zeros
     * @param y as x; may be x
     * @param stats [rows, 3], contiguous; kept for the backward pass: the mean as a sum of two numbers, and 1/std
     * @param eps is added to the variance
     */
    void forward(Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, Tensor y, Tensor stats, double eps);

    /**
     * Computes the wanted ones of the gradients: with {@code n = (x - mean) / std} and {@code g = dy weight},
     * {@code dx = (g - mean(g) - n mean(g n)) / std}, {@code dweight = } the sum of the rows of {@code dy n}, {@code dbias = }
     * that of the rows of dy.
     *
     * @param x [rows, cols]
     * @param weight [cols]; null for ones
     * @param stats [rows, 3]
     * @param dy the gradient by y, as y
     * @param dx as x; null if not wanted; may be dy if it is not added to
     * @param dweight [cols]; null if not wanted
     * @param dbias [cols]; null if not wanted
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
            boolean... accumulate);
}
