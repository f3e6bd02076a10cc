package org.nautile.backend.reference;

import org.nautile.Philox;
import org.nautile.Tensor;
import org.nautile.backend.RandomBitsKernel;

final class RandomBitsReference implements RandomBitsKernel {
    @Override
    public void forward(Tensor y, long seed, long stream, long offset) {
        double[] values = new double[Math.toIntExact(y.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = Philox.bits(seed, stream, offset + i);
        }
        Values.write(values, y);
    }
}
