package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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
record Digits(ImageDataset train, ImageDataset test, String source) {
    private static final int QUICK_TRAIN = 6_000;
    private static final int QUICK_TEST = 1_000;

    /** The publishers' files, or drawn digits of the same shape: the first classes, as many as the run wants. */
    static Digits load(Run run, int classes) throws IOException {
        Optional<Path> folder = DataLocation.find(Mnist.NAME, run.data(), Mnist::isIn);
        int trainSize = run.quick() ? QUICK_TRAIN : 60_000;
        int testSize = run.quick() ? QUICK_TEST : 10_000;
        ImageDataset train =
                folder.isPresent() ? Mnist.train(folder.get()) : Mnist.generate(2 * run.seed() + 1, trainSize);
        ImageDataset test =
                folder.isPresent() ? Mnist.test(folder.get()) : Mnist.generate(2 * run.seed() + 2, testSize);
        train = train.firstClasses(classes).limit(Math.min(trainSize, run.limit()));
        test = test.firstClasses(classes).limit(testSize);
        if (train.size() == 0 || test.size() == 0) {
            throw new IOException(folder.map(Path::toString).orElse(Mnist.NAME) + ": no images of the digits 0 to "
                    + (classes - 1) + " to train on or to test");
        }
        String source = folder.map(path -> "MNIST from " + path)
                .orElse("generated digits, not MNIST (nautile download mnist gets the real ones)");
        return new Digits(train, test, source + ", " + train.size() + " to train on, " + test.size() + " to test");
    }
}
