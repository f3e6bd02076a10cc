package org.nautile.models;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nautile.data.Dataset;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Row;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;

/** The pictures of a classifier of 28 x 28 images. */
final class DigitPictures {
    private static final int SIDE = 28;
    private static final int MISTAKES = 24;

    private DigitPictures() {}

    /** Draws curves.png, confusion.png and mistakes.png. */
    static void draw(Run run, List<EpochResult> epochs, Dataset test, Evaluation result) throws IOException {
        double[] x = column(epochs, EpochResult::epoch);
        run.picture(
                "curves.png",
                new Row(
                        "Training",
                        new LineChart("Loss", "epoch", "cross-entropy")
                                .add("train", x, column(epochs, EpochResult::trainLoss))
                                .add("test", x, column(epochs, EpochResult::testLoss)),
                        new LineChart("Accuracy", "epoch", "correct on the test set")
                                .add("test", x, column(epochs, EpochResult::testMetric))
                                .percent()));
        List<String> names =
                IntStream.range(0, test.classes()).mapToObj(Integer::toString).toList();
        run.picture(
                "confusion.png",
                MatrixChart.confusion(
                        "Confusion matrix of the test set", result.labels(), result.predictions(), names));

        List<Integer> mistakes = IntStream.range(0, test.size())
                .filter(i -> result.predictions()[i] != result.labels()[i])
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -confidence(result, i)))
                .limit(MISTAKES)
                .toList();
        ImageGrid grid = new ImageGrid(
                "Worst mistakes",
                mistakes.isEmpty()
                        ? "none: every answer on the test set is correct"
                        : "the answers on the test set the model was surest of, and wrong",
                MISTAKES / 3);
        mistakes.forEach(i -> {
            float[] pixels = new float[SIDE * SIDE];
            test.sample(i, pixels, 0);
            grid.add(
                    pixels,
                    1,
                    SIDE,
                    SIDE,
                    "says " + result.predictions()[i] + ", is " + result.labels()[i],
                    String.format(Locale.ROOT, "%.1f %% sure", 100 * confidence(result, i)));
        });
        run.picture("mistakes.png", grid);
    }

    private static double[] column(List<EpochResult> epochs, ToDoubleFunction<EpochResult> value) {
        return epochs.stream().mapToDouble(value).toArray();
    }

    /** The probability (softmax of the scores) of the class that was predicted. */
    private static double confidence(Evaluation result, int example) {
        float[] scores = result.scores()[example];
        double best = scores[result.predictions()[example]];
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - best);
        }
        return 1 / sum;
    }
}
