package org.nautile.models.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of a panel so far. When they become too many, every two neighbours become their mean. */
final class LiveHistory {
    private final int most;
    private List<double[]> rows = new ArrayList<>();

    LiveHistory(int most) {
        this.most = most;
    }

    /** Adds a row; whether older ones were merged. */
    boolean add(double... row) {
        rows.add(row.clone());
        if (rows.size() < most) {
            return false;
        }
        List<double[]> merged = new ArrayList<>();
        for (int i = 0; i + 1 < rows.size(); i += 2) {
            merged.add(mean(rows.get(i), rows.get(i + 1)));
        }
        if (rows.size() % 2 == 1) {
            merged.add(rows.get(rows.size() - 1));
        }
        rows = merged;
        return true;
    }

    /** Column by column; where one has no value, that of the other. */
    private static double[] mean(double[] a, double[] b) {
        double[] mean = new double[a.length];
        Arrays.setAll(
                mean, i -> Double.isNaN(a[i]) ? b[i] : Double.isNaN(b[i]) ? a[i] : a[i] + (b[i] - a[i]) / 2);
        return mean;
    }

    List<double[]> rows() {
        return rows;
    }
}
