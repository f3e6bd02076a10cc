package org.nautile.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nautile.Device;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.RegionChart;
import org.nautile.models.expressivity.PlaneClassifiers;
import org.nautile.models.expressivity.PlaneModel;
import org.nautile.models.points.PlaneSet;
import org.nautile.models.points.Points;

/** What classifiers make of the plane, drawn. */
final class Classify2dPictures {
    private static final int SIDE = 166; // squares along an axis
    private static final int SHOWN = 150; // points
    private static final double MARGIN = 1.08;

    private Classify2dPictures() {}

    /** A row for each set, a column for each model. */
    static Picture regions(
            List<PlaneModel> models,
            PlaneClassifiers networks,
            Map<PlaneSet, Points> test,
            double[][] accuracies,
            Device device) {
        List<Picture> charts = new ArrayList<>();
        int s = 0;
        for (Map.Entry<PlaneSet, Points> entry : test.entrySet()) {
            Points all = entry.getValue();
            int[] classes = all.labels();
            int count = Math.min(SHOWN, classes.length);
            float[] places = new float[2 * count];
            int[] labels = new int[count];
            double most = 0;
            for (int i = 0; i < count; i++) {
                all.sample(i, places, 2 * i);
                labels[i] = classes[i];
                most = Math.max(most, Math.max(Math.abs(places[2 * i]), Math.abs(places[2 * i + 1])));
            }
            double half = MARGIN * most;
            float[] squares = RegionChart.middles(half, SIDE);
            for (int m = 0; m < models.size(); m++) {
                charts.add(new RegionChart(
                        entry.getKey() + ", " + models.get(m).name(),
                        String.format(Locale.ROOT, "test accuracy %.3f", accuracies[m][s]),
                        half,
                        networks.probabilities(m, s, squares, device),
                        places,
                        labels));
            }
            s++;
        }
        return new Grid("How probable the blue class is, and test points of both", models.size(), charts);
    }
}
