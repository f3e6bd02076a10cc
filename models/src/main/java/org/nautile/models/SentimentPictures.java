package org.nautile.models;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.metrics.RocCurve;
import org.nautile.models.sentiment.Opinions;
import org.nautile.optim.EpochResult;

/** What a network says of reviews, drawn. */
final class SentimentPictures {
    private SentimentPictures() {}

    /** Loss and accuracy over the epochs. */
    static Picture curves(List<EpochResult> epochs) {
        return TrainingPictures.curves(
                epochs,
                "train",
                "held out",
                new LineChart("Loss", "epoch", "binary cross-entropy"),
                new LineChart("Accuracy", "epoch", "correct of the reviews held out").percent());
    }

    /** Which test reviews are judged rightly, at a probability of one half. */
    static Picture confusion(Opinions opinions) {
        return MatrixChart.confusion(
                "Confusion matrix of the test reviews",
                opinions.labels(),
                opinions.decisions(),
                List.of("negative", "positive"));
    }

    /** The same at every other probability; of reviews of both kinds. */
    static Picture roc(Opinions opinions) {
        int[] labels = opinions.labels();
        boolean[] positive = new boolean[labels.length];
        IntStream.range(0, labels.length).forEach(i -> positive[i] = labels[i] == 1);
        RocCurve curve = new RocCurve(opinions.logits(), positive);
        return new LineChart(
                        String.format(Locale.ROOT, "ROC curve (area %.3f)", curve.auroc()),
                        "negative reviews called positive",
                        "positive reviews called positive")
                .add("network", curve.falsePositiveRate(), curve.recall())
                .add("chance", new double[] {0, 1}, new double[] {0, 1})
                .legendOutside();
    }
}
