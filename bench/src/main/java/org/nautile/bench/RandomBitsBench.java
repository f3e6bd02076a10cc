package org.nautile.bench;

import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.RandomBitsKernel;
import org.nautile.op.RandomBitsOp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Random bits. */
public class RandomBitsBench extends DeviceBench {
    /** The number of elements. */
    @Param({"1000", "16777216"})
    public int size = 1000;

    private Tensor y = NOTHING;

    /** Makes the tensor. */
    @Setup
    public void setup() {
        y = Tensor.empty(open(), DType.INT32, Shape.of(size));
        requireClose("random_bits", RandomBitsOp.draw(reference(), y.shape(), 1, 2, 0), draw());
    }

    /**
     * Draws.
     *
     * @return the tensor
     */
    @Benchmark
    public Tensor draw() {
        RandomBitsKernel.TYPE.on(y).forward(y, 1, 2, 0);
        return y;
    }
}
