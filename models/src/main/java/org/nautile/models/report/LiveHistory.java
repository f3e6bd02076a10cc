package org.nautile.models.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a panel so far, from the first to the newest. When they become too many, every two neighbours become their mean,
 * and from then on a row is kept for twice as many.
 */
final class LiveHistory {
    private final int most;
    private List<double[]> rows = new ArrayList<>(); // each the mean of so many:
    private int share = 1;
    private double[] sums = {}; // of the rows that are to become one
    private int[] counts = {};
    private int pending;

    /** A history of fewer rows than this even number. */
    LiveHistory(int most) {
        this.most = most;
    }

    void add(double... row) {
        if (pending == 0) {
            sums = new double[row.length];
            counts = new int[row.length];
        }
        for (int i = 0; i < row.length; i++) {
            if (!Double.isNaN(row[i])) {
                sums[i] += row[i];
                counts[i]++;
            }
        }
        pending++;
        if (pending == share) {
            rows.add(newest());
            pending = 0;
            if (rows.size() == most - 2) { // even, and there is room for the newest
                merge();
            }
        }
    }

    private void merge() {
        List<double[]> merged = new ArrayList<>();
        for (int i = 0; i < rows.size(); i += 2) {
            merged.add(mean(rows.get(i), rows.get(i + 1)));
        }
        rows = merged;
        share *= 2;
    }

    /** Column by column; where one has no value, that of the other. */
    private static double[] mean(double[] a, double[] b) {
        double[] mean = new double[a.length];
        Arrays.setAll(mean, i -> Double.isNaN(a[i]) ? b[i] : Double.isNaN(b[i]) ? a[i] : a[i] + (b[i] - a[i]) / 2);
        return mean;
    }

    /** The mean of the rows that wait; NaN where none has a value. */
    private double[] newest() {
        double[] mean = new double[sums.length];
        Arrays.setAll(mean, i -> sums[i] / counts[i]);
        return mean;
    }

    /** Fewer than so many, in order. */
    List<double[]> rows() {
        List<double[]> all = new ArrayList<>(rows);
        if (pending > 0) {
            all.add(newest());
        }
        return all;
    }
}
