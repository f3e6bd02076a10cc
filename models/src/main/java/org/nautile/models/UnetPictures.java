package org.nautile.models;

import java.awt.Color;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.metrics.Confusion;
import org.nautile.models.metrics.ThresholdSweep;
import org.nautile.models.segmentation.Instances;
import org.nautile.models.segmentation.LabelledImage;
import org.nautile.models.segmentation.Segmentation;
import org.nautile.optim.EpochResult;

/** What a U-Net makes of images, drawn. */
final class UnetPictures {
    private static final int SHOWN = 5; // images
    private static final int SIDE = 168; // of an image, points
    private static final int LARGE = 384; // of a single one

    private UnetPictures() {}

    /** Loss and IoU over the epochs. */
    static Picture curves(List<EpochResult> epochs, double otsu) {
        return TrainingPictures.curves(
                epochs,
                "train",
                "test",
                new LineChart("Loss", "epoch", "mean of the pixels"),
                new LineChart("IoU", "epoch", String.format(Locale.ROOT, "of all test pixels (Otsu: %.3f)", otsu)));
    }

    /** Which pixels are right, at the threshold and at others. */
    static Picture pixels(Confusion counts, ThresholdSweep sweep, Confusion otsu) {
        double[] thresholds = ThresholdSweep.thresholds(100);
        LineChart figures = new LineChart("Threshold sweep", "threshold of the probability", "of all test pixels");
        figures.add("accuracy", thresholds, sweep.curve(thresholds, Confusion::accuracy))
                .add("precision", thresholds, sweep.curve(thresholds, Confusion::precision))
                .add("recall", thresholds, sweep.curve(thresholds, Confusion::recall))
                .add("F1", thresholds, sweep.curve(thresholds, Confusion::f1))
                .add("IoU", thresholds, sweep.curve(thresholds, Confusion::iou))
                .legendOutside();
        LineChart curve = new LineChart(
                        String.format(Locale.ROOT, "Precision and recall (area %.3f)", sweep.averagePrecision()),
                        "recall",
                        "precision")
                .add("U-Net", sweep.curve(thresholds, Confusion::recall), sweep.curve(thresholds, Confusion::precision))
                .add("Otsu's threshold", new double[] {otsu.recall()}, new double[] {otsu.precision()})
                .legendOutside();
        long all = counts.truePositives() + counts.falsePositives() + counts.falseNegatives() + counts.trueNegatives();
        double[][] shares = {
            {(double) counts.truePositives() / all, -(double) counts.falsePositives() / all},
            {-(double) counts.falseNegatives() / all, (double) counts.trueNegatives() / all}
        };
        String[][] texts = new String[2][2];
        for (int i = 0; i < 4; i++) {
            texts[i / 2][i % 2] = String.format(Locale.ROOT, "%.1f %%", 100 * Math.abs(shares[i / 2][i % 2]));
            shares[i / 2][i % 2] = Math.signum(shares[i / 2][i % 2]) * Math.sqrt(Math.abs(shares[i / 2][i % 2]));
        }
        MatrixChart confusion = new MatrixChart(
                String.format(Locale.ROOT, "Is it a nucleus? Threshold %.1f", Segmentation.THRESHOLD),
                String.format(
                        Locale.ROOT,
                        "Share of %,d test pixels. Accuracy %.4f, precision %.4f, recall %.4f, F1 %.4f, IoU %.4f.",
                        all,
                        counts.accuracy(),
                        counts.precision(),
                        counts.recall(),
                        counts.f1(),
                        counts.iou()),
                "predicted",
                "true",
                List.of("yes", "no"),
                List.of("yes", "no"),
                shares,
                texts);
        return new Row("Test images", confusion, figures, curve);
    }

    /** Images from the best to the worst, each beside its nuclei and what the network says. */
    static Picture nuclei(List<LabelledImage> images, List<Segmentation> answers) {
        double[] quality = IntStream.range(0, images.size())
                .mapToDouble(
                        i -> Confusion.of(images.get(i).mask(), answers.get(i).mask())
                                .iou())
                .toArray();
        List<Integer> ranked = IntStream.range(0, quality.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -quality[i]))
                .toList();
        ImageGrid grid =
                new ImageGrid("Nuclei in test images", "from the best to the worst; one colour, one nucleus", 4, SIDE);
        for (int i : Frames.spread(ranked, SHOWN)) {
            LabelledImage image = images.get(i);
            int height = image.height();
            int width = image.width();
            int[] nuclei = answers.get(i).nuclei();
            Instances.Match match = Instances.match(image.labels(), nuclei);
            grid.add(image.normalised().pixels(), 1, height, width, "image", width + " x " + height)
                    .add(colours(image.labels()), 3, height, width, "true", match.truth() + " nuclei")
                    .add(
                            answers.get(i).nucleus(),
                            1,
                            height,
                            width,
                            "probability",
                            String.format(Locale.ROOT, "IoU %.3f", quality[i]))
                    .add(
                            colours(nuclei),
                            3,
                            height,
                            width,
                            "predicted",
                            match.predicted() + " nuclei, " + match.matched() + " right");
        }
        return grid;
    }

    /** An image of whose nuclei nothing is known, beside those that the network finds. */
    static Picture predicted(LabelledImage image, int[] nuclei, int count) {
        int height = image.height();
        int width = image.width();
        return new ImageGrid("Nuclei", "one colour, one nucleus", 2, LARGE)
                .add(image.normalised().pixels(), 1, height, width, "image", width + " x " + height)
                .add(colours(nuclei), 3, height, width, "predicted", count + " nuclei");
    }

    /** Labels as colours that differ for neighbours in number, on black: [3 * pixels]. */
    private static float[] colours(int... labels) {
        float[] pixels = new float[3 * labels.length];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] > 0) {
                float turn = (float) (labels[i] * 0.618034 % 1); // the golden ratio spreads hues evenly
                float[] rgb = new Color(Color.HSBtoRGB(turn, labels[i] % 2 == 0 ? 0.55F : 0.85F, 0.95F))
                        .getRGBColorComponents(null);
                for (int band = 0; band < 3; band++) {
                    pixels[band * labels.length + i] = rgb[band];
                }
            }
        }
        return pixels;
    }
}
