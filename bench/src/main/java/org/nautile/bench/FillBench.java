package org.nautile.bench;

import org.nautile.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Setting all elements. */
public class FillBench extends DeviceBench {
    /** The number of elements. */
    @Param({"1000", "16777216"})
    public int size = 1000;

    private Tensor y = NOTHING;

    /** Makes the tensor. */
    @Setup
    public void setup() {
        y = uniform(size);
        requireClose("fill", Tensor.full(reference(), y.dtype(), y.shape(), 1), fill());
    }

    /**
     * Fills.
     *
     * @return the tensor
     */
    @Benchmark
    public Tensor fill() {
        return y.fill(1);
    }
}
