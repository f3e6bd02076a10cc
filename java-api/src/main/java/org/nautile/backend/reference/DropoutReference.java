package org.nautile.backend.reference;

import org.nautile.Philox;
import org.nautile.Tensor;
import org.nautile.backend.DropoutKernel;

final class DropoutReference implements DropoutKernel {
    @Override
    public void forward(Tensor x, Tensor y, Tensor position, Tensor used, long seed, long stream, double p) {
        Values.move(position, used);
        Values.write(drop(x, used, seed, stream, p), y);
        position.set(new long[] {used.toLongArray()[0] + x.size()});
    }

    @Override
    public void backward(Tensor dy, Tensor used, Tensor dx, long seed, long stream, double p, boolean accumulate) {
        Values.write(drop(dy, used, seed, stream, p), dx, accumulate);
    }

    private static double[] drop(Tensor x, Tensor used, long seed, long stream, double p) {
        double[] values = Values.read(x);
        long first = used.toLongArray()[0];
        for (int i = 0; i < values.length; i++) {
            long bits = Integer.toUnsignedLong(Philox.bits(seed, stream, first + i));
            values[i] *= bits < DropoutKernel.keep(p) ? DropoutKernel.scale(p) : 0; // NaN stays NaN
        }
        return values;
    }
}
