package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.models.metrics.Confusion;
import org.nautile.models.metrics.ThresholdSweep;
import org.nautile.models.segmentation.Clusters;
import org.nautile.models.segmentation.Instances;
import org.nautile.models.segmentation.LabelledImage;
import org.nautile.models.segmentation.PixelLoss;
import org.nautile.models.segmentation.Planes;
import org.nautile.models.segmentation.Segmentation;
import org.nautile.models.segmentation.Segmenter;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;

/** How well a network segments test images: pixels, single nuclei, and what needs no learning beside it. */
final class UnetEvaluation {
    private final Segmenter segmenter;
    private final List<LabelledImage> images;
    private final List<Planes> planes; // of each image
    private final PixelLoss loss;

    UnetEvaluation(Segmenter segmenter, List<LabelledImage> images, PixelLoss loss) {
        this.segmenter = segmenter;
        this.images = images;
        this.planes = images.parallelStream()
                .map(image -> Planes.of(image, segmenter.classes(), loss.weighted()))
                .toList();
        this.loss = loss;
    }

    private Segmentation segment(Planes image) {
        return segmenter.segment(image.planes()[0], image.height(), image.width());
    }

    /** The mean loss of the pixels, and the IoU of all test pixels together. */
    Score score() {
        Confusion counts = Confusion.NONE;
        double sum = 0;
        long pixels = 0;
        for (int i = 0; i < images.size(); i++) {
            Segmentation answer = segment(planes.get(i));
            counts = counts.plus(Confusion.of(images.get(i).mask(), answer.mask()));
            int size = answer.nucleus().length;
            sum += loss(planes.get(i), answer) * size;
            pixels += size;
        }
        return new Score(sum / pixels, counts.iou());
    }

    private double loss(Planes image, Segmentation answer) {
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
                            Tensor.of(
                                    Device.defaultDevice(),
                                    answer.logits(),
                                    Shape.of(1, segmenter.classes(), height, width)),
                            Tensor.of(Device.defaultDevice(), x, Shape.of(1, 3, height, width)),
                            Tensor.of(Device.defaultDevice(), y, Shape.of(1, height, width)))
                    .item();
        }
    }

    /** Draws the pictures and says the figures, unless the user wants to end. */
    void report(Run run, List<EpochResult> epochs) throws IOException {
        if (run.interrupted()) {
            return;
        }
        segmenter.network().train(false);
        List<Segmentation> answers = planes.stream().map(this::segment).toList();
        Confusion counts = Confusion.NONE;
        Confusion otsu = Confusion.NONE;
        Confusion means = Confusion.NONE;
        ThresholdSweep sweep = new ThresholdSweep();
        Matches network = new Matches();
        Matches components = new Matches();
        for (int i = 0; i < images.size(); i++) {
            LabelledImage image = images.get(i);
            Segmentation answer = answers.get(i);
            boolean[] truth = image.mask();
            counts = counts.plus(Confusion.of(truth, answer.mask()));
            otsu = otsu.plus(Confusion.of(truth, Clusters.otsuMask(image.pixels())));
            means = means.plus(Confusion.of(truth, Clusters.kMeansMask(image.pixels())));
            for (int pixel = 0; pixel < truth.length; pixel++) {
                sweep.add(truth[pixel], answer.nucleus()[pixel]);
            }
            network.add(Instances.match(image.labels(), answer.nuclei()));
            components.add(Instances.match(
                    image.labels(), Instances.components(answer.mask(), image.width(), Segmentation.LEAST)));
        }
        if (!epochs.isEmpty()) {
            run.picture("curves.png", UnetPictures.curves(epochs, otsu.iou()));
        }
        run.picture("evaluation.png", UnetPictures.pixels(counts, sweep, otsu));
        run.picture("nuclei.png", UnetPictures.nuclei(images, answers));
        run.result(String.format(
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
                components.meanF1()));
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
}
