package org.nautile.models;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.io.Safetensors;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Row;
import org.nautile.models.metrics.Confusion;
import org.nautile.models.metrics.ThresholdSweep;
import org.nautile.models.segmentation.Clusters;
import org.nautile.models.segmentation.Instances;
import org.nautile.models.segmentation.LabelledImage;
import org.nautile.models.segmentation.PixelLoss;
import org.nautile.models.segmentation.Planes;
import org.nautile.models.segmentation.Tiles;
import org.nautile.nn.Module;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;

/** How well a network segments test images: pixels, single nuclei, and what needs no learning beside it. */
final class UnetEvaluation {
    private static final double THRESHOLD = 0.5;
    private static final int LEAST = 12; // pixels of a nucleus; real ones have more
    private static final int SHOWN = 5; // images
    private static final int SIDE = 168; // of an image, points

    private final Device device;
    private final Module network;
    private final int classes;
    private final List<LabelledImage> images;
    private final List<Planes> planes; // of each image
    private final Tiles tiles;
    private final PixelLoss loss;

    UnetEvaluation(
            Device device, Module network, int classes, List<LabelledImage> images, Tiles tiles, PixelLoss loss) {
        this.device = device;
        this.network = network;
        this.classes = classes;
        this.images = images;
        this.planes = images.parallelStream()
                .map(image -> Planes.of(image, classes, loss.weighted()))
                .toList();
        this.tiles = tiles;
        this.loss = loss;
    }

    /** What the network says of an image: the probabilities of a nucleus and of its inside; of one class both are one. */
    private record Answer(float[] logits, float[] nucleus, float[] inside) {
        boolean[] mask() {
            return above(nucleus);
        }

        private static boolean[] above(float... probabilities) {
            boolean[] mask = new boolean[probabilities.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = probabilities[i] >= THRESHOLD;
            }
            return mask;
        }

        /** Touching nuclei are cut at their waists, or where the network sees a border grow from their insides. */
        int[] nuclei(int width) {
            return inside == nucleus
                    ? Instances.watershed(mask(), width, LEAST)
                    : Instances.grown(Instances.components(above(inside), width, LEAST), mask(), width);
        }
    }

    /** Puts saved weights into a network. */
    static void load(Module network, Path file) throws IOException {
        Safetensors saved = Safetensors.open(file);
        try (Scope scope = new Scope()) {
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (String name : saved.names()) {
                state.put(name, saved.tensor(name, Device.of("reference")));
            }
            network.loadState(state);
        } catch (ShapeException e) {
            throw new IOException(file + ": of another network than these options make: " + e.getMessage(), e);
        }
    }

    /** Of a network that is not in training. */
    private Answer answer(Planes image) {
        int height = image.height();
        int width = image.width();
        float[] logits = tiles.apply(image.planes()[0], height, width, classes, (pixels, rows, cols) -> {
            try (Autograd.Pause pause = Autograd.noGrad();
                    Scope scope = new Scope()) {
                Tensor x = Tensor.of(device, pixels, Shape.of(1, 1, rows, cols));
                return network.forward(x).toFloatArray();
            }
        });
        int size = height * width;
        float[] nucleus = new float[size];
        float[] inside = classes == 1 ? nucleus : new float[size];
        for (int i = 0; i < size; i++) {
            if (classes == 1) {
                nucleus[i] = (float) (1 / (1 + Math.exp(-logits[i])));
            } else { // background, inside, border
                double most = Math.max(logits[i], Math.max(logits[size + i], logits[2 * size + i]));
                double background = Math.exp(logits[i] - most);
                double within = Math.exp(logits[size + i] - most);
                double sum = background + within + Math.exp(logits[2 * size + i] - most);
                nucleus[i] = (float) (1 - background / sum);
                inside[i] = (float) (within / sum);
            }
        }
        return new Answer(logits, nucleus, inside);
    }

    /** The mean loss of the pixels, and the IoU of all test pixels together. */
    Score score() {
        Confusion counts = Confusion.NONE;
        double sum = 0;
        long pixels = 0;
        for (int i = 0; i < images.size(); i++) {
            Answer answer = answer(planes.get(i));
            counts = counts.plus(Confusion.of(images.get(i).mask(), answer.mask()));
            int size = answer.nucleus().length;
            sum += loss(planes.get(i), answer) * size;
            pixels += size;
        }
        return new Score(sum / pixels, counts.iou());
    }

    private double loss(Planes image, Answer answer) {
        int height = image.height();
        int width = image.width();
        int size = height * width;
        float[] x = new float[3 * size];
        long[] y = new long[size];
        for (int i = 0; i < size; i++) {
            for (int plane = 0; plane < 3; plane++) {
                x[plane * size + i] = image.planes()[plane][i];
            }
            y[i] = image.classes()[i];
        }
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            return loss.of(
                            Tensor.of(device, answer.logits(), Shape.of(1, classes, height, width)),
                            Tensor.of(device, x, Shape.of(1, 3, height, width)),
                            Tensor.of(device, y, Shape.of(1, height, width)))
                    .item();
        }
    }

    /** Draws the pictures; the figures in one line. */
    String report(Run run, List<EpochResult> epochs) throws IOException {
        network.train(false);
        List<Answer> answers = planes.stream().map(this::answer).toList();
        Confusion counts = Confusion.NONE;
        Confusion otsu = Confusion.NONE;
        Confusion means = Confusion.NONE;
        ThresholdSweep sweep = new ThresholdSweep();
        Matches network = new Matches();
        Matches components = new Matches();
        for (int i = 0; i < images.size(); i++) {
            LabelledImage image = images.get(i);
            Answer answer = answers.get(i);
            boolean[] truth = image.mask();
            counts = counts.plus(Confusion.of(truth, answer.mask()));
            otsu = otsu.plus(Confusion.of(truth, Clusters.otsuMask(image.pixels())));
            means = means.plus(Confusion.of(truth, Clusters.kMeansMask(image.pixels())));
            for (int pixel = 0; pixel < truth.length; pixel++) {
                sweep.add(truth[pixel], answer.nucleus()[pixel]);
            }
            network.add(Instances.match(image.labels(), answer.nuclei(image.width())));
            components.add(Instances.match(image.labels(), Instances.components(answer.mask(), image.width(), LEAST)));
        }
        if (!epochs.isEmpty()) {
            curves(run, epochs, otsu.iou());
        }
        pixels(run, counts, sweep, otsu);
        pictures(run, answers);
        return String.format(
                Locale.ROOT,
                "test IoU %.4f, F1 %.4f, precision %.4f, recall %.4f, average precision %.4f; best IoU %.4f at %.2f;"
                        + " Otsu %.4f, k-means %.4f; of %d nuclei %d found with %d wrong, mean F1 %.4f"
                        + " (connected components %.4f)",
                counts.iou(),
                counts.f1(),
                counts.precision(),
                counts.recall(),
                sweep.averagePrecision(),
                sweep.at(sweep.best(Confusion::iou)).iou(),
                sweep.best(Confusion::iou),
                otsu.iou(),
                means.iou(),
                network.truth,
                network.matched,
                network.predicted - network.matched,
                network.meanF1(),
                components.meanF1());
    }

    /** Sums over images. */
    private static final class Matches {
        private int matched;
        private int truth;
        private int predicted;
        private double f1;
        private int images;

        void add(Instances.Match match) {
            matched += match.matched();
            truth += match.truth();
            predicted += match.predicted();
            f1 += match.f1();
            images++;
        }

        double meanF1() {
            return f1 / images;
        }
    }

    private static void curves(Run run, List<EpochResult> epochs, double otsu) throws IOException {
        double[] x = column(epochs, EpochResult::epoch);
        run.picture(
                "curves.png",
                new Row(
                        "Training",
                        new LineChart("Loss", "epoch", "mean of the pixels")
                                .add("train", x, column(epochs, EpochResult::trainLoss))
                                .add("test", x, column(epochs, EpochResult::testLoss)),
                        new LineChart(
                                        "IoU",
                                        "epoch",
                                        String.format(Locale.ROOT, "of all test pixels (Otsu: %.3f)", otsu))
                                .add("U-Net", x, column(epochs, EpochResult::testMetric))));
    }

    private static double[] column(List<EpochResult> epochs, ToDoubleFunction<EpochResult> value) {
        return epochs.stream().mapToDouble(value).toArray();
    }

    private static void pixels(Run run, Confusion counts, ThresholdSweep sweep, Confusion otsu) throws IOException {
        double[] thresholds = ThresholdSweep.thresholds(100);
        LineChart figures = new LineChart("Threshold sweep", "threshold of the probability", "of all test pixels");
        figures.add("accuracy", thresholds, sweep.curve(thresholds, Confusion::accuracy))
                .add("precision", thresholds, sweep.curve(thresholds, Confusion::precision))
                .add("recall", thresholds, sweep.curve(thresholds, Confusion::recall))
                .add("F1", thresholds, sweep.curve(thresholds, Confusion::f1))
                .add("IoU", thresholds, sweep.curve(thresholds, Confusion::iou))
                .legendBelow();
        LineChart curve = new LineChart(
                        String.format(Locale.ROOT, "Precision and recall (area %.3f)", sweep.averagePrecision()),
                        "recall",
                        "precision")
                .add("U-Net", sweep.curve(thresholds, Confusion::recall), sweep.curve(thresholds, Confusion::precision))
                .add("Otsu's threshold", new double[] {otsu.recall()}, new double[] {otsu.precision()})
                .legendBelow();
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
                String.format(Locale.ROOT, "Is it a nucleus? Threshold %.1f", THRESHOLD),
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
        run.picture("evaluation.png", new Row("Test images", confusion, figures, curve));
    }

    /** Images from the best to the worst, each beside its nuclei and what the network says. */
    private void pictures(Run run, List<Answer> answers) throws IOException {
        double[] quality = IntStream.range(0, images.size())
                .mapToDouble(
                        i -> Confusion.of(images.get(i).mask(), answers.get(i).mask())
                                .iou())
                .toArray();
        List<Integer> ranked = IntStream.range(0, quality.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -quality[i]))
                .toList();
        int shown = Math.min(SHOWN, ranked.size());
        ImageGrid grid =
                new ImageGrid("Nuclei in test images", "from the best to the worst; one colour, one nucleus", 4, SIDE);
        for (int k = 0; k < shown; k++) {
            int i = ranked.get(shown == 1 ? 0 : k * (ranked.size() - 1) / (shown - 1));
            LabelledImage image = images.get(i);
            int height = image.height();
            int width = image.width();
            int[] nuclei = answers.get(i).nuclei(width);
            Instances.Match match = Instances.match(image.labels(), nuclei);
            grid.add(planes.get(i).planes()[0], 1, height, width, "image", width + " x " + height)
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
        run.picture("nuclei.png", grid);
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
