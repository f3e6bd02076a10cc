package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.CompareKernel;

final class CompareReference implements CompareKernel {
    @Override
    public void forward(Tensor a, Tensor b, Tensor y, Function function) {
        double[] left = Values.read(a, y.shape());
        double[] right = Values.read(b, y.shape());
        for (int i = 0; i < left.length; i++) {
            boolean holds = switch (function) {
                case EQ -> left[i] == right[i];
                case NE -> left[i] != right[i];
                case LT -> left[i] < right[i];
                case LE -> left[i] <= right[i];
                case GT -> left[i] > right[i];
                case GE -> left[i] >= right[i];
            };
            left[i] = holds ? 1 : 0;
        }
        Values.write(left, y);
    }
}
