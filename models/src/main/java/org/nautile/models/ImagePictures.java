package org.nautile.models;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.nautile.Shape;
import org.nautile.data.ImageDataset;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;

/** The pictures of a classifier of images. */
final class ImagePictures {
    private static final int MISTAKES = 24;

    private ImagePictures() {}

    /** Draws curves.png, confusion.png and mistakes.png. */
    static void draw(Run run, List<EpochResult> epochs, ImageDataset test, Evaluation result) throws IOException {
        run.picture(
                "curves.png",
                TrainingPictures.curves(
                        epochs,
                        "train",
                        "test",
                        new LineChart("Loss", "epoch", "cross-entropy"),
                        new LineChart("Accuracy", "epoch", "correct on the test set").percent()));
        List<String> names = test.names();
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
                        : "the wrong answers on the test set that the model was surest of, and how sure",
                MISTAKES / 3);
        ImageDataset images = test.scaled(0, 1);
        Shape shape = images.imageShape();
        mistakes.forEach(i -> grid.add(
                images.pixels(i),
                (int) shape.dim(0),
                (int) shape.dim(1),
                (int) shape.dim(2),
                "says " + names.get(result.predictions()[i]),
                String.format(
                        Locale.ROOT, "is %s, %.1f %%", names.get(result.labels()[i]), 100 * confidence(result, i))));
        run.picture("mistakes.png", grid);
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
