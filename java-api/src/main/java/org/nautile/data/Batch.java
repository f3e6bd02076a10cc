package org.nautile.data;

import org.nautile.Tensor;

/**
 * Some examples.
 *
 * @param x float32 [B, ...]
 * @param y the classes, int64 [B], or [B, ...] where an example has several
 */
public record Batch(Tensor x, Tensor y) implements AutoCloseable {
    /**
     * The number of examples.
     *
     * @return B
     */
    public int size() {
        return (int) y.shape().dim(0);
    }

    /** Frees both tensors. */
    @Override
    public void close() {
        x.close();
        y.close();
    }
}
