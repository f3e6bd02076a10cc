package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.UnaryKernel;

final class UnaryReference implements UnaryKernel {
    @Override
    public void forward(Tensor x, Tensor y, Function function, double low, double high) {
        double[] values = Values.read(x);
        for (int i = 0; i < values.length; i++) {
            values[i] = value(function, values[i], low, high);
        }
        Values.write(values, y);
    }

    @Override
    public void backward(
            Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, double low, double high, boolean accumulate) {
        double[] values = Values.read(x);
        double[] upstream = Values.read(dy);
        for (int i = 0; i < values.length; i++) {
            values[i] = gradient(function, values[i], upstream[i], low, high);
        }
        Values.write(values, dx, accumulate);
    }

    private static double value(Function function, double x, double low, double high) {
        return switch (function) {
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case SQRT -> Math.sqrt(x);
            case RSQRT -> 1 / Math.sqrt(x);
            case ABS -> Math.abs(x);
            case NEG -> -x;
            case SQUARE -> x * x;
            case RECIPROCAL -> 1 / x;
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case SIGN -> sign(x);
            case FLOOR -> Math.floor(x);
            case CLAMP -> Math.min(Math.max(x, low), high); // both keep NaN
        };
    }

    private static double gradient(Function function, double x, double dy, double low, double high) {
        return switch (function) {
            case EXP -> dy * Math.exp(x);
            case LOG -> dy / x;
            case SQRT -> dy / (2 * Math.sqrt(x));
            case RSQRT -> -0.5 * dy / Math.pow(Math.sqrt(x), 3);
            case ABS -> dy * sign(x);
            case NEG -> -dy;
            case SQUARE -> 2 * dy * x;
            case RECIPROCAL -> -dy / (x * x);
            case SIN -> dy * Math.cos(x);
            case COS -> -dy * Math.sin(x);
            case SIGN, FLOOR -> 0;
            case CLAMP -> x >= low && x <= high ? dy : 0;
        };
    }

    private static double sign(double x) {
        return x > 0 ? 1 : x < 0 ? -1 : 0;
    }
}
