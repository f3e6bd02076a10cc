package org.nautile.models.shapley;

/** Means of several numbers, and the standard errors of these means, one observation after the other (Welford 1962). */
final class Moments {
    private final double[] mean;
    private final double[] squares; // sum of squared deviations from the mean
    private int count;

    Moments(int size) {
        mean = new double[size];
        squares = new double[size];
    }

    void add(double... values) {
        count++;
        for (int i = 0; i < mean.length; i++) {
            double deviation = values[i] - mean[i];
            mean[i] += deviation / count;
            squares[i] += deviation * (values[i] - mean[i]);
        }
    }

    double[] mean() {
        return mean.clone();
    }

    double[] standardError() {
        double[] errors = new double[mean.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = Math.sqrt(squares[i] / (count - 1.0) / count);
        }
        return errors;
    }
}
