package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.BinaryKernel;

final class BinaryReference implements BinaryKernel {
    @Override
    public void forward(Tensor a, Tensor b, Tensor y, Function function) {
        double[] left = Values.read(a, y.shape());
        double[] right = Values.read(b, y.shape());
        for (int i = 0; i < left.length; i++) {
            left[i] = switch (function) {
                case ADD -> left[i] + right[i];
                case SUB -> left[i] - right[i];
                case MUL -> left[i] * right[i];
                case DIV -> left[i] / right[i];
            };
        }
        Values.write(left, y);
    }
}
