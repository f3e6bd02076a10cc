package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.data.DataLocation;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;

/**
 * The handwritten digits that a run trains on and is tested with.
 *
 * @param train to train on
 * @param test to be tested with
 * @param source which they are and how many, for {@link Run#describe}
 */
public record Digits(ImageDataset train, ImageDataset test, String source) {
    private static final int QUICK_TRAIN = 6_000;
    private static final int QUICK_TEST = 1_000;
    private static final int MOST = 60_000; // drawn digits to take the first classes from, as many as MNIST has

    /** The publishers' files, or drawn digits of the same shape: the first classes, as many as the run wants. */
    static Digits load(Run run, int classes) throws IOException {
        int train = run.quick() ? QUICK_TRAIN : 60_000;
        int test = run.quick() ? QUICK_TEST : 10_000;
        return find(run.data(), run.seed(), classes, Math.min(train, run.limit()), test);
    }

    /**
     * The publishers' files, or drawn digits of the same shape.
     *
     * @param folder the data folder that the user named; null if none
     * @param seed of drawn digits
     * @param classes digits to keep, from 0
     * @param train the most images to train on
     * @param test the most images to be tested with
     * @return images of [1,28,28]
     * @throws IOException if files that are there cannot be read, or hold no such digits
     */
    public static Digits find(@Nullable Path folder, long seed, int classes, int train, int test) throws IOException {
        Optional<Path> found = DataLocation.find(Mnist.NAME, folder, Mnist::isIn);
        ImageDataset trains = found.isPresent() ? Mnist.train(found.get()) : draw(2 * seed + 1, classes, train);
        ImageDataset tests = found.isPresent() ? Mnist.test(found.get()) : draw(2 * seed + 2, classes, test);
        trains = trains.firstClasses(classes).limit(train);
        tests = tests.firstClasses(classes).limit(test);
        if (trains.size() == 0 || tests.size() == 0) {
            throw new IOException(found.map(Path::toString).orElse(Mnist.NAME) + ": no images of the digits 0 to "
                    + (classes - 1) + " to train on or to test");
        }
        String source = found.map(path -> "MNIST from " + path)
                .orElse("generated digits, not MNIST (nautile download mnist gets the real ones)");
        return new Digits(trains, tests, source + ", " + trains.size() + " to train on, " + tests.size() + " to test");
    }

    /** Drawn digits of all classes: so many that those of the first ones are enough, but not more than {@link #MOST}. */
    private static ImageDataset draw(long seed, int classes, int wanted) {
        double share = classes / 10.0;
        double all = wanted / share;
        double reserve = 6 * Math.sqrt(all * (1 - share) / share); // six standard deviations of how many are kept
        return Mnist.generate(seed, (int) Math.max(wanted, Math.min(MOST, Math.ceil(all + reserve))));
    }

    /**
     * What the first digits are called.
     *
     * @param classes how many
     * @return "0", "1", ...
     */
    public static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /**
     * The same digits in less detail.
     *
     * @param side pixels along each edge, a divisor of 28
     * @return images of [1,side,side], each pixel the mean of those that were in its place
     */
    Digits averaged(int side) {
        return new Digits(averaged(train, side), averaged(test, side), source);
    }

    private static ImageDataset averaged(ImageDataset images, int side) {
        int edge = (int) images.imageShape().dim(1);
        int part = edge / side;
        byte[] means = new byte[Math.multiplyExact(images.size(), side * side)];
        byte[] labels = new byte[images.size()];
        for (int i = 0; i < images.size(); i++) {
            float[] pixels = images.pixels(i);
            labels[i] = (byte) images.label(i);
            float[] sums = new float[side * side];
            for (int p = 0; p < pixels.length; p++) {
                sums[p / edge / part * side + p % edge / part] += pixels[p];
            }
            for (int p = 0; p < sums.length; p++) {
                means[i * side * side + p] = (byte) Math.round(255 * sums[p] / (part * part));
            }
        }
        return new ImageDataset(means, labels, Shape.of(1, side, side), images.names());
    }
}
