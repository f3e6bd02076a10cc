package org.nautile.bench;

import org.nautile.Shape;
import org.nautile.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Copies: of a matrix, and of its transpose. */
public class CopyBench extends DeviceBench {
    /** Rows and columns. */
    @Param({"100", "4096"})
    public int size = 100;

    /** Whether the source is read along its columns. */
    @Param({"false", "true"})
    public boolean transposed;

    private Tensor x = NOTHING;
    private Tensor y = NOTHING;

    /** Makes the tensors. */
    @Setup
    public void setup() {
        Tensor matrix = uniform(size, size);
        x = transposed ? matrix.view(matrix.shape(), 0, 1, size) : matrix;
        y = Tensor.empty(matrix.device(), matrix.dtype(), Shape.of(size, size));
        requireClose("copy", x.to(reference()), copy());
    }

    /**
     * Copies.
     *
     * @return the copy
     */
    @Benchmark
    public Tensor copy() {
        return y.copyFrom(x);
    }
}
