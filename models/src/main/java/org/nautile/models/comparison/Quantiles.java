package org.nautile.models.comparison;

import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Numbers of which the median counts and the quartiles are the spread.
 *
 * @param sorted at least one, in increasing order
 */
public record Quantiles(double[] sorted) {
    /**
     * The quantiles of some numbers.
     *
     * @param numbers at least one, in any order
     * @return the numbers, sorted
     */
    public static Quantiles of(DoubleStream numbers) {
        return new Quantiles(numbers.sorted().toArray());
    }

    /**
     * The number that so many quarters of all are below; between two of them where it must be.
     *
     * @param quarters 1 for the lower quartile, 2 for the median, 3 for the upper quartile
     * @return NaN of no numbers
     */
    public double quantile(int quarters) {
        int length = sorted.length;
        if (length == 0) {
            return Double.NaN;
        }
        int at = (length - 1) * quarters;
        return sorted[at / 4] + (sorted[Math.min(at / 4 + 1, length - 1)] - sorted[at / 4]) * (at % 4) / 4;
    }

    /**
     * The smallest number.
     *
     * @return one of them
     */
    public double least() {
        return sorted[0];
    }

    /**
     * The number in the middle.
     *
     * @return NaN of no numbers
     */
    public double median() {
        return quantile(2);
    }

    /**
     * Median and spread in words.
     *
     * @param decimals digits after the point
     * @return for example {@code "1.05 (0.98 to 1.12)"}; a single number has no spread
     */
    public String text(int decimals) {
        String median = number(median(), decimals);
        return sorted.length == 1
                ? median
                : median + " (" + number(quantile(1), decimals) + " to " + number(quantile(3), decimals) + ")";
    }

    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
