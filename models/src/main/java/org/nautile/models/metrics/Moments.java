package org.nautile.models.metrics;

/** Means of several numbers, and the standard errors of these means, one observation after the other (Welford 1962). */
public final class Moments {
    private final double[] mean;
    private final double[] squares; // sum of squared deviations from the mean
    private int count;

    /**
     * Without observations.
     *
     * @param size how many numbers an observation has
     */
    public Moments(int size) {
        mean = new double[size];
        squares = new double[size];
    }

    /**
     * Takes an observation into account.
     *
     * @param values one for each mean
     */
    public void add(double... values) {
        count++;
        for (int i = 0; i < mean.length; i++) {
            double deviation = values[i] - mean[i];
            mean[i] += deviation / count;
            squares[i] += deviation * (values[i] - mean[i]);
        }
    }

    /**
     * The means.
     *
     * @return of all observations
     */
    public double[] mean() {
        return mean.clone();
    }

    /**
     * How far the means may be from what they estimate.
     *
     * @return a standard deviation for each mean; NaN before the second observation
     */
    public double[] standardError() {
        double[] errors = new double[mean.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = Math.sqrt(squares[i] / (count - 1.0) / count);
        }
        return errors;
    }
}
