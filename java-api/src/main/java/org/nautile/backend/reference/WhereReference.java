package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.WhereKernel;

final class WhereReference implements WhereKernel {
    @Override
    public void forward(Tensor condition, Tensor a, Tensor b, Tensor y) {
        double[] chosen = Values.read(condition, y.shape());
        double[] left = Values.read(a, y.shape());
        double[] right = Values.read(b, y.shape());
        for (int i = 0; i < left.length; i++) {
            left[i] = chosen[i] != 0 ? left[i] : right[i];
        }
        Values.write(left, y);
    }
}
