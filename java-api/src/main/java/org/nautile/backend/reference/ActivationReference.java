package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel;

final class ActivationReference implements ActivationKernel {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double GELU_CUBIC = 0.044715;
    private static final double SOFTPLUS_THRESHOLD = 20; // PyTorch's: above, log(1 + e^x) is x

    @Override
    public void forward(Tensor x, Tensor y, Function function, double alpha) {
        double[] values = Values.read(x);
        for (int i = 0; i < values.length; i++) {
            values[i] = value(function, values[i], alpha);
        }
        Values.write(values, y);
    }

    @Override
    public void backward(
            Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, double alpha, boolean accumulate) {
        double[] values = Values.read(x);
        double[] upstream = Values.read(dy);
        for (int i = 0; i < values.length; i++) {
            values[i] = upstream[i] * derivative(function, values[i], alpha);
        }
        Values.write(values, dx, accumulate);
    }

    private static double value(Function function, double x, double alpha) {
        return switch (function) {
            case LINEAR -> x;
            case RELU -> Math.max(x, 0); // Math.max keeps NaN
            case LEAKY_RELU -> x > 0 ? x : alpha * x;
            case ELU -> x > 0 ? x : alpha * Math.expm1(x);
            case SIGMOID -> sigmoid(x);
            case TANH -> Math.tanh(x);
            case SWISH -> x * sigmoid(x);
            case GELU -> x * normalDistribution(x);
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x)));
            case SOFTPLUS -> x > SOFTPLUS_THRESHOLD ? x : Math.log1p(Math.exp(x));
        };
    }

    private static double derivative(Function function, double x, double alpha) {
        return switch (function) {
            case LINEAR -> 1;
            case RELU -> x > 0 ? 1 : 0;
            case LEAKY_RELU -> x > 0 ? 1 : alpha;
            case ELU -> x > 0 ? 1 : alpha * Math.exp(x);
            case SIGMOID -> sigmoid(x) * sigmoid(-x);
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
            case SWISH -> sigmoid(x) * (1 + x * sigmoid(-x));
            case GELU -> normalDistribution(x) + x * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
            case GELU_TANH -> {
                double t = Math.tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x));
                double inner = SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
                double slope = 1 - t * t;
                yield 0.5 * (1 + t) + (slope == 0 ? 0 : 0.5 * x * slope * inner); // 0 for infinities too
            }
            case SOFTPLUS -> x > SOFTPLUS_THRESHOLD ? 1 : sigmoid(x);
        };
    }

    static double sigmoid(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    /** The distribution function of the standard normal distribution, to about 1e-15. */
    private static double normalDistribution(double x) {
        return 0.5 * erfc(-x / Math.sqrt(2));
    }

    /**
     * The complementary error function: the Maclaurin series near 0, the continued fraction (Abramowitz and Stegun 7.1.6 and
     * 7.1.14) beyond.
     */
    private static double erfc(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (x < 0) {
            return 2 - erfc(-x);
        }
        if (x < 2) {
            double term = x;
            double sum = x;
            for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 1 - 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
        }
        double fraction = 0;
        for (int n = 120; n >= 1; n--) {
            fraction = n / 2.0 / (x + fraction);
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
    }
}
