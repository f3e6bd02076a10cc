package org.nautile.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.nautile.data.ImageDataset;
import org.nautile.models.backprop.Perceptron;
import org.nautile.models.charts.Animation;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.NetworkChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;

/** A perceptron while it learns, drawn. */
final class BackpropPictures {
    private static final int DELAY = 18; // hundredths of a second
    private static final int PANELS = 6;
    private static final int EARLY = 64; // updates after which a difference can be seen
    private static final int UPDATES = 4;
    private static final int OUTPUTS = 2;
    private static final int MEASURED = 1000; // test digits, for curves

    private final SortedMap<Integer, Perceptron> moments;
    private final ImageDataset test;
    private final int side;

    /**
     * Pictures.
     *
     * @param moments the network by the number of updates before
     * @param test digits to be read, flattened
     * @param side their pixels along each edge
     */
    BackpropPictures(SortedMap<Integer, Perceptron> moments, ImageDataset test, int side) {
        this.moments = moments;
        this.test = test;
        this.side = side;
    }

    /** The pixels of an image. */
    static double[] pixels(ImageDataset images, int index) {
        float[] pixels = images.pixels(index);
        return IntStream.range(0, pixels.length).mapToDouble(i -> pixels[i]).toArray();
    }

    /** The first test digit of a class; the first of all if there is none. */
    private int first(int digit) {
        return IntStream.range(0, test.size())
                .filter(i -> test.label(i) == digit)
                .findFirst()
                .orElse(0);
    }

    private static String title(int updates) {
        return switch (updates) {
            case 0 -> "Before training";
            case 1 -> "After 1 update";
            default -> String.format(Locale.ROOT, "After %,d updates", updates);
        };
    }

    private NetworkChart chart(int updates, Perceptron network, int index, String subtitle) {
        return new NetworkChart(
                        title(updates),
                        subtitle,
                        network.layers().stream().map(Perceptron.Layer::a).toArray(double[][][]::new),
                        network.neurons(pixels(test, index)),
                        test.names())
                .image(side);
    }

    private NetworkChart chart(int updates, Perceptron network, int digit) {
        int index = first(digit);
        double loss =
                -Math.log(network.neurons(pixels(test, index))[network.layers().size()][test.label(index)]);
        String text = String.format(Locale.ROOT, "it reads a test digit %s: loss %.3f", test.label(index), loss);
        return chart(updates, network, index, text);
    }

    /** The network in motion. */
    Picture animation(SortedMap<Integer, Perceptron> frames, int digit) {
        List<NetworkChart> charts = new ArrayList<>();
        frames.forEach(
                (updates, network) -> charts.add(chart(updates, network, digit).size(640, 400)));
        return new Animation(charts, DELAY);
    }

    /** The network at a few moments. */
    Picture learning(int digit) {
        List<Picture> panels = new ArrayList<>();
        List<Integer> some = moments.keySet().stream()
                .filter(updates -> updates == 0 || updates >= EARLY)
                .toList();
        for (int updates : Frames.some(some, PANELS)) {
            panels.add(chart(updates, at(updates), digit).size(640, 400));
        }
        return new Grid("A perceptron learns to read digits", 2, panels);
    }

    private Perceptron at(int updates) {
        return Objects.requireNonNull(moments.get(updates));
    }

    /** What leads to the first two outputs: at the start, after four updates, and at the end. */
    Picture outputs() {
        List<Integer> shown = moments.keySet().stream()
                .filter(updates -> updates == 0 || updates == UPDATES || updates.equals(moments.lastKey()))
                .toList();
        List<Picture> panels = new ArrayList<>();
        for (int output = 0; output < OUTPUTS; output++) {
            for (int updates : shown) {
                String text =
                        "output " + (output + 1) + ", while a " + test.names().get(output) + " is read";
                panels.add(chart(updates, at(updates), first(output), text)
                        .only(output)
                        .size(600, 400));
            }
        }
        return new Grid("Weights that lead to the first two outputs", shown.size(), panels);
    }

    /** Loss and accuracy by update, on a logarithmic axis: most is learnt at the beginning. */
    Picture curves() {
        Map<Integer, Perceptron> shown = moments.tailMap(1);
        double[] x = new double[shown.size()];
        double[] loss = new double[x.length];
        double[] accuracy = new double[x.length];
        int i = 0;
        for (Map.Entry<Integer, Perceptron> moment : shown.entrySet()) {
            x[i] = moment.getKey();
            measure(moment.getValue(), i++, loss, accuracy);
        }
        return new Row(
                "Training",
                new LineChart("Loss", "updates", "cross-entropy, " + measured() + " test digits")
                        .add("test", x, loss)
                        .logarithmicX(),
                new LineChart("Accuracy", "updates", "correct of " + measured() + " test digits")
                        .add("test", x, accuracy)
                        .percent()
                        .logarithmicX());
    }

    private int measured() {
        return Math.min(test.size(), MEASURED);
    }

    private void measure(Perceptron network, int place, double[] loss, double... accuracy) {
        int size = measured();
        for (int i = 0; i < size; i++) {
            double[] shares = network.neurons(pixels(test, i))[network.layers().size()];
            int best = IntStream.range(0, shares.length)
                    .reduce((a, b) -> shares[b] > shares[a] ? b : a)
                    .orElse(0);
            loss[place] -= Math.log(shares[test.label(i)]) / size;
            accuracy[place] += best == test.label(i) ? 1.0 / size : 0;
        }
    }
}
