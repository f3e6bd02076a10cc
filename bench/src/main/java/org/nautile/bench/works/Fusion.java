package org.nautile.bench.works;

import java.util.Arrays;
import java.util.List;
import org.nautile.Plan;

/** Which kernels of a recorded step are left after neighbours are fused. */
final class Fusion {
    private Fusion() {}

    /**
     * For each kernel as it was recorded its place among those that are left, which are in the same order; -1 for one that
     * another took over. Equal kernels side by side, of which some are left, are told apart by their tasks and operations.
     */
    static int[] places(List<Plan.Part> before, List<Plan.Part> after) {
        int rows = before.size();
        int columns = after.size();
        double[][] best = new double[rows + 1][columns + 1]; // of the kernels from there on
        for (double[] row : best) {
            Arrays.fill(row, Double.NEGATIVE_INFINITY);
        }
        best[rows][columns] = 0;
        for (int i = rows - 1; i >= 0; i--) {
            for (int j = columns; j >= 0; j--) {
                best[i][j] = best[i + 1][j];
                if (j < columns) {
                    best[i][j] = Math.max(best[i][j], likeness(before.get(i), after.get(j)) + best[i + 1][j + 1]);
                }
            }
        }
        if (best[0][0] == Double.NEGATIVE_INFINITY) {
            throw new IllegalStateException(
                    "the " + columns + " kernels of the step are not among the " + rows + " that were recorded");
        }
        int[] places = new int[rows];
        int j = 0;
        for (int i = 0; i < rows; i++) {
            boolean left = j < columns && best[i][j] == likeness(before.get(i), after.get(j)) + best[i + 1][j + 1];
            places[i] = left ? j++ : -1;
        }
        return places;
    }

    private static double likeness(Plan.Part before, Plan.Part after) {
        String name = after.name();
        int fused = name.indexOf(" + ");
        if (!before.name().equals(fused < 0 ? name : name.substring(0, fused))) {
            return Double.NEGATIVE_INFINITY;
        }
        return 1 + (before.flops() == after.flops() ? 2 : 0) + (before.tasks() == after.tasks() ? 1 : 0);
    }
}
