package org.nautile.bench.works;

import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Numbers of which the median counts and the quartiles are the spread.
 *
 * @param sorted at least one, in increasing order
 */
record Quantiles(double[] sorted) {
    static Quantiles of(DoubleStream numbers) {
        return new Quantiles(numbers.sorted().toArray());
    }

    private double quantile(int quarters) {
        int length = sorted.length;
        int at = (length - 1) * quarters;
        return sorted[at / 4] + (sorted[Math.min(at / 4 + 1, length - 1)] - sorted[at / 4]) * (at % 4) / 4;
    }

    double least() {
        return sorted[0];
    }

    double median() {
        return quantile(2);
    }

    /** For example "1.05 (0.98 to 1.12)"; a single number has no spread. */
    String text(int decimals) {
        String median = number(median(), decimals);
        return sorted.length == 1
                ? median
                : median + " (" + number(quantile(1), decimals) + " to " + number(quantile(3), decimals) + ")";
    }

    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
