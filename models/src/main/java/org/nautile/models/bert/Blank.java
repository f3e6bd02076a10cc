package org.nautile.models.bert;

import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;

/**
 * Memory for weights, in one piece: device memory comes in pieces of certain sizes, and hundreds of them, each rounded
 * up, would take a tenth more.
 */
final class Blank implements AutoCloseable {
    private static final int ALIGNED = 16; // elements: 64 bytes

    private final Tensor whole;
    private long used;

    /** Memory for so many elements; more than these lie elsewhere. */
    Blank(long elements) {
        whole = Tensor.empty(Device.defaultDevice(), DType.FLOAT32, Shape.of(elements));
    }

    /** A part of it, with unspecified content. */
    Tensor take(long... dims) {
        Shape shape = Shape.of(dims);
        if (shape.size() > whole.size() - used) {
            return Tensor.empty(Device.defaultDevice(), DType.FLOAT32, shape);
        }
        try (Tensor part = whole.view(Shape.of(shape.size()), used, 1)) {
            used = Math.min(whole.size(), used + (shape.size() + ALIGNED - 1) / ALIGNED * ALIGNED);
            return part.reshape(shape);
        }
    }

    /** Those who have parts keep them. */
    @Override
    public void close() {
        whole.close();
    }
}
