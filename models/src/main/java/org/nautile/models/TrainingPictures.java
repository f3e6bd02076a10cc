package org.nautile.models;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.optim.EpochResult;

/** What epochs brought, drawn. */
final class TrainingPictures {
    private TrainingPictures() {}

    /**
     * The losses beside what else was measured.
     *
     * @param train what the first line of the losses is called
     * @param measured what lines of measurements are called
     * @param loss an empty chart over the epochs, which gets two lines
     * @param metric the same, which gets one
     */
    static Picture curves(List<EpochResult> epochs, String train, String measured, LineChart loss, LineChart metric) {
        double[] x = column(epochs, EpochResult::epoch);
        return new Row(
                "Training",
                loss.add(train, x, column(epochs, EpochResult::trainLoss))
                        .add(measured, x, column(epochs, EpochResult::testLoss)),
                metric.add(measured, x, column(epochs, EpochResult::testMetric)));
    }

    /** A number of each epoch. */
    static double[] column(List<EpochResult> epochs, ToDoubleFunction<EpochResult> value) {
        return epochs.stream().mapToDouble(value).toArray();
    }
}
