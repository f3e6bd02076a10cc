package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** {@code y = x weight^T + bias}. */
public interface LinearKernel {
    /** The key of this kernel. */
    KernelType<LinearKernel> TYPE = new KernelType<>("linear", LinearKernel.class);

    /**
     * Computes the layer.
     *
     * @param x [m, k], contiguous
     * @param weight [n, k], contiguous
     * @param bias [n], contiguous; null for none
     * @param y [m, n], contiguous; overlaps nothing
     */
    void forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y);

    /**
     * Computes the wanted ones of {@code dx = dy weight}, {@code dweight = dy^T x} and {@code dbias = sum of dy's rows}.
     *
     * @param x [m, k]
     * @param weight [n, k]
     * @param dy [m, n]
     * @param dx [m, k]; null if not wanted
     * @param dweight [n, k]; null if not wanted
     * @param dbias [n]; null if not wanted
     * @param accumulate whether to add to dx, dweight and dbias
     */
    void backward(
            Tensor x,
            Tensor weight,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean... accumulate);
}
