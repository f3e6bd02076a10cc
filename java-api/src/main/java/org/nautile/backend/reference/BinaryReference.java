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
                case MAXIMUM -> Math.max(left[i], right[i]);
                case MINIMUM -> Math.min(left[i], right[i]);
                case POWER -> power(left[i], right[i]);
                case MAXIMUM_BY_A -> left[i] == right[i] ? 0.5 : left[i] < right[i] ? 0 : 1;
                case POWER_BY_A -> right[i] == 0 ? 0 : right[i] * power(left[i], right[i] - 1);
                case POWER_BY_B -> left[i] == 0 && right[i] >= 0 ? 0 : power(left[i], right[i]) * Math.log(left[i]);
            };
        }
        Values.write(left, y);
    }

    /** C's pow, which is 1 where Java's is NaN: for 1 to the power of anything, and -1 to that of infinities. */
    private static double power(double a, double b) {
        return a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : Math.pow(a, b);
    }
}
