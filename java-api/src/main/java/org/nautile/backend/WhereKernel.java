package org.nautile.backend;

import org.nautile.Tensor;

/** One of two by element, with broadcasting. */
public interface WhereKernel {
    /** The key of this kernel. */
    KernelType<WhereKernel> TYPE = new KernelType<>("where", WhereKernel.class);

    /**
     * {@code y = condition ? a : b}.
     *
     * @param condition uint8, any strides, broadcast to y's shape
     * @param a floating, any strides, broadcast to y's shape
     * @param b of a's type, any strides, broadcast to y's shape
     * @param y contiguous; may be a or b if that has y's shape and is contiguous
     */
    void forward(Tensor condition, Tensor a, Tensor b, Tensor y);
}
