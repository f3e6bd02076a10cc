package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
        ImageDataset trains = found.isPresent() ? Mnist.train(found.get()) : Mnist.generate(2 * seed + 1, train);
        ImageDataset tests = found.isPresent() ? Mnist.test(found.get()) : Mnist.generate(2 * seed + 2, test);
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
}
