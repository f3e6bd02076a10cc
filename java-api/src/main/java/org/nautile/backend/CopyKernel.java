package org.nautile.backend;

import org.nautile.Tensor;

/** {@code y = x} or {@code y += x}, for any strides. */
public interface CopyKernel {
    /** The key of this kernel. */
    KernelType<CopyKernel> TYPE = new KernelType<>("copy", CopyKernel.class);

    /**
     * Copies or adds every element.
     *
     * @param x any strides
     * @param y the shape and type of x, any strides without overlap; does not overlap x
     * @param accumulate adds instead of overwriting; floating types only
     */
    void forward(Tensor x, Tensor y, boolean accumulate);
}
