package org.nautile.models.series;

/**
 * How numbers are scaled for a network: their mean becomes 0, their deviation 1.
 *
 * @param mean what becomes 0
 * @param deviation {@code > 0}, what becomes 1 above that
 */
public record Scaling(double mean, double deviation) {
    /**
     * The scaling of the part of a series that is to learn from; what is held out has no say.
     *
     * @param series with at least one number to learn from
     * @return its mean and deviation; the deviation of a constant is 1
     */
    public static Scaling of(Series series) {
        int size = series.trainSize();
        double mean = 0;
        for (int i = 0; i < size; i++) {
            mean += series.values()[i] / size;
        }
        double variance = 0;
        for (int i = 0; i < size; i++) {
            double difference = series.values()[i] - mean;
            variance += difference * difference / size;
        }
        return new Scaling(mean, variance > 0 ? Math.sqrt(variance) : 1);
    }

    /**
     * Scales a number.
     *
     * @param value in the series's unit
     * @return what a network reads
     */
    public float scale(double value) {
        return (float) ((value - mean) / deviation);
    }

    /**
     * Undoes {@link #scale}.
     *
     * @param scaled what a network says
     * @return in the series's unit
     */
    public double unscale(double scaled) {
        return mean + deviation * scaled;
    }
}
