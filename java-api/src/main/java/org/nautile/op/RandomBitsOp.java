package org.nautile.op;

import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.RandomBitsKernel;

/** Random 32-bit integers, the same on every device; see {@link org.nautile.Philox}. It has no inputs and no gradient. */
public final class RandomBitsOp {
    private RandomBitsOp() {}

    /**
     * Draws.
     *
     * @param device where the result lives
     * @param shape its shape
     * @param seed the seed
     * @param stream the stream
     * @param offset the place of the first element in the stream, {@code >= 0}
     * @return int32
     */
    public static Tensor draw(Device device, Shape shape, long seed, long stream, long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("random_bits: offset " + offset + " is negative");
        }
        Tensor y = Tensor.empty(device, DType.INT32, shape);
        RandomBitsKernel.TYPE.on(y).forward(y, seed, stream, offset);
        return y;
    }
}
