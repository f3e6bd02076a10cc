package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.nautile.data.Cifar10;
import org.nautile.data.DataLocation;
import org.nautile.data.ImageDataset;

/**
 * Images in [-1, 1] to learn from and to be measured on.
 *
 * @param train to learn from
 * @param test to be measured on
 * @param source which they are, where from and how many
 */
record ImageSplit(ImageDataset train, ImageDataset test, String source) {
    private static final int TRAIN = 50_000;
    private static final int TEST = 10_000;
    private static final int QUICK_TEST = 500;

    /**
     * Images of CIFAR-10, or drawn objects of the same shape.
     *
     * @param run the settings
     * @param quickTrain the training images that are used with {@code --quick}
     */
    static ImageSplit cifar(Run run, int quickTrain) throws IOException {
        Optional<Path> folder = DataLocation.find(Cifar10.NAME, run.data(), Cifar10::isIn);
        int trainSize = Math.min(run.quick() ? quickTrain : TRAIN, run.limit());
        int testSize = run.quick() ? QUICK_TEST : TEST;
        ImageDataset train =
                folder.isPresent() ? Cifar10.train(folder.get()) : Cifar10.generate(2 * run.seed() + 1, trainSize);
        ImageDataset test =
                folder.isPresent() ? Cifar10.test(folder.get()) : Cifar10.generate(2 * run.seed() + 2, testSize);
        train = train.limit(trainSize);
        test = test.limit(testSize);
        String source = String.format(
                Locale.ROOT,
                "%s, %d to train on, %d to test",
                folder.map(path -> "CIFAR-10 from " + path).orElse("generated objects, not CIFAR-10 (see --data)"),
                train.size(),
                test.size());
        return new ImageSplit(train.scaled(-1, 1), test.scaled(-1, 1), source);
    }

    /** The ten handwritten digits of MNIST, or drawn ones. */
    static ImageSplit digits(Run run) throws IOException {
        Digits digits = Digits.load(run, 10);
        return new ImageSplit(digits.train().scaled(-1, 1), digits.test().scaled(-1, 1), digits.source());
    }

    /** The same images for models without a spatial structure. */
    ImageSplit flattened() {
        return new ImageSplit(train.flattened(), test.flattened(), source);
    }
}
