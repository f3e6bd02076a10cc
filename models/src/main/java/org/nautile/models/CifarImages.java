package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.nautile.data.Cifar10;
import org.nautile.data.DataLocation;
import org.nautile.data.ImageDataset;

/**
 * The images of CIFAR-10 in [-1, 1], or drawn objects of the same shape.
 *
 * @param train to learn from
 * @param test to be measured on
 * @param source which they are, and where from
 */
record CifarImages(ImageDataset train, ImageDataset test, String source) {
    private static final int TRAIN = 50_000;
    private static final int TEST = 10_000;
    private static final int QUICK_TEST = 500;

    /**
     * Finds the images.
     *
     * @param run the settings
     * @param quickTrain the training images that are used with {@code --quick}
     */
    static CifarImages find(Run run, int quickTrain) throws IOException {
        Optional<Path> folder = DataLocation.find(Cifar10.NAME, run.data(), Cifar10::isIn);
        int trainSize = Math.min(run.quick() ? quickTrain : TRAIN, run.limit());
        int testSize = run.quick() ? QUICK_TEST : TEST;
        ImageDataset train =
                folder.isPresent() ? Cifar10.train(folder.get()) : Cifar10.generate(2 * run.seed() + 1, trainSize);
        ImageDataset test =
                folder.isPresent() ? Cifar10.test(folder.get()) : Cifar10.generate(2 * run.seed() + 2, testSize);
        String source =
                folder.map(path -> "CIFAR-10 from " + path).orElse("generated objects, not CIFAR-10 (see --data)");
        return new CifarImages(
                train.limit(trainSize).scaled(-1, 1), test.limit(testSize).scaled(-1, 1), source);
    }

    /** The same images for models without a spatial structure. */
    CifarImages flattened() {
        return new CifarImages(train.flattened(), test.flattened(), source);
    }
}
