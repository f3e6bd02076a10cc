package org.nautile.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.metrics.Moments;
import org.nautile.optim.EpochResult;

/** How well a mouse plays, drawn and in words. */
final class MousePictures {
    private static final double NORMAL_95 = 1.96;

    private MousePictures() {}

    /** Loss and return by epoch. */
    static Picture curves(List<EpochResult> epochs) {
        double[] x = TrainingPictures.column(epochs, EpochResult::epoch);
        return new Row(
                "Training",
                new LineChart("Huber loss", "epoch", "loss")
                        .add("replay buffer", x, TrainingPictures.column(epochs, EpochResult::trainLoss)),
                new LineChart("Return of other games", "epoch", "mean return")
                        .add("without random moves", x, TrainingPictures.column(epochs, EpochResult::testMetric)));
    }

    /** The mean, and half of its 95 % confidence interval. */
    static String mean(double... returns) {
        Moments moments = new Moments(1);
        Arrays.stream(returns).forEach(moments::add);
        return String.format(Locale.ROOT, "%.2f +- %.2f", moments.mean()[0], NORMAL_95 * moments.standardError()[0]);
    }
}
