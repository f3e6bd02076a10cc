package org.nautile.models.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Curves side by side: rows in the order of x, a column for each curve, NaN where it has no value. Of many rows a table and a
 * chart show evenly spaced ones.
 */
final class Columns {
    private final List<double[]> rows = new ArrayList<>(); // x, then a value of each curve

    Columns(List<HtmlReport.Series> series) {
        Map<Double, List<double[]>> byX = new TreeMap<>();
        for (int s = 0; s < series.size(); s++) {
            Map<Double, Integer> seen = new TreeMap<>(); // a curve may have several values at one x
            HtmlReport.Series curve = series.get(s);
            for (int i = 0; i < curve.x().length; i++) {
                double x = curve.x()[i] + 0.0; // no -0
                if (!Double.isFinite(x)) {
                    continue;
                }
                int occurrence = seen.merge(x, 1, Integer::sum) - 1;
                List<double[]> same = byX.computeIfAbsent(x, key -> new ArrayList<>());
                if (occurrence == same.size()) {
                    double[] row = new double[series.size() + 1];
                    Arrays.fill(row, Double.NaN);
                    row[0] = x;
                    same.add(row);
                }
                same.get(occurrence)[s + 1] = curve.y()[i];
            }
        }
        byX.values().forEach(rows::addAll);
    }

    int count() {
        return rows.size();
    }

    /** At most so many rows, the first and the last among them. */
    List<double[]> atMost(int most) {
        if (rows.size() <= most) {
            return rows;
        }
        List<double[]> some = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            some.add(rows.get((int) ((long) i * (rows.size() - 1) / (most - 1))));
        }
        return some;
    }

    /** Columns for uPlot, which knows null for nothing; a logarithmic axis has no place for what is not positive. */
    static List<List<Double>> forPlot(List<double[]> rows, int columns, boolean logX, boolean logY) {
        List<List<Double>> data = new ArrayList<>();
        for (int c = 0; c < columns; c++) {
            List<Double> column = new ArrayList<>();
            for (double[] row : rows) {
                if (!logX || row[0] > 0) {
                    boolean drawn = Double.isFinite(row[c]) && (c == 0 || !logY || row[c] > 0);
                    column.add(drawn ? row[c] : null);
                }
            }
            data.add(column);
        }
        return data;
    }
}
